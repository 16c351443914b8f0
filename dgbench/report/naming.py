"""Names for the entries of a board."""

from collections.abc import Mapping, Sequence
from typing import Any

from data_gen.spec import Spec
from dgbench.references import Reference
from dgbench.results.record import Configuration


def names_of(
    configurations: Sequence[Configuration], spec: Spec, reference: Reference | None
) -> list[str]:
    """Name each configuration by its method, with its unusual settings in brackets."""
    expected: dict[str, Any] = {"steps": spec.budget.steps, "batch_size": spec.budget.batch_size}
    if reference is not None:
        expected["backbone"] = reference.backbone
    names = []
    for mine in configurations:
        siblings = [
            _facts(other) for other in configurations if other.method.name == mine.method.name
        ]
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
    """Format a value of a hyper-parameter for a reader."""
    return f"{value:g}" if isinstance(value, float) else str(value)


def _usual(configurations: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return the facts that more than half of some configurations share."""
    usual = {}
    for key in {key: None for facts in configurations for key in facts}:
        values = [facts.get(key) for facts in configurations]
        common = max(values, key=values.count)
        if 2 * values.count(common) > len(values):
            usual[key] = common
    return usual


def _facts(configuration: Configuration) -> dict[str, Any]:
    """Return the facts in which two configurations of a method on a board can differ."""
    return {
        **configuration.hyper_parameters,
        "backbone": configuration.backbone,
        "steps": configuration.steps,
        "batch_size": configuration.batch_size,
        "precision": configuration.precision,
        "version": configuration.method.version,
        "source": configuration.method.source_digest[:6],
    }
