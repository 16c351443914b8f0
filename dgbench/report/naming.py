"""What to call the entries of a board."""

from collections.abc import Mapping, Sequence
from typing import Any

from data_gen.spec import Spec
from dgbench.references import Reference
from dgbench.results.record import Configuration


def names_of(
    configurations: Sequence[Configuration], spec: Spec, reference: Reference | None
) -> list[str]:
    """Each method's name, and in brackets what is unusual in its configuration."""
    expected: dict[str, Any] = {"steps": spec.budget.steps, "batch_size": spec.budget.batch_size}
    if reference is not None:
        expected["backbone"] = reference.backbone
    names = []
    for mine in configurations:
        siblings = [_facts(of) for of in configurations if of.method.name == mine.method.name]
        usual = _usual(siblings) | expected
        details = [
            f"{key}={short(value)}"
            for key, value in _facts(mine).items()
            if key not in usual or usual[key] != value
        ]
        name = mine.method.name
        names.append(f"{name} ({', '.join(details)})" if details else name)
    return names


def short(value: Any) -> str:
    """A value of a hyper-parameter as a reader wants it."""
    return f"{value:g}" if isinstance(value, float) else str(value)


def _usual(configurations: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """The facts that more than half of some configurations share."""
    found = {}
    for key in {key: None for of in configurations for key in of}:
        values = [of.get(key) for of in configurations]
        common = max(values, key=values.count)
        if 2 * values.count(common) > len(values):
            found[key] = common
    return found


def _facts(of: Configuration) -> dict[str, Any]:
    """What can tell two configurations of one method on one board apart."""
    return {
        **of.hyper_parameters,
        "backbone": of.backbone,
        "steps": of.steps,
        "batch_size": of.batch_size,
        "precision": of.precision,
        "version": of.method.version,
        "source": of.method.source_digest[:6],
    }
