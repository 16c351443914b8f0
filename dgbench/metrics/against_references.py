"""The scores of one run that compare it with the reference values of its benchmark."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from data_gen.spec import Spec
from dgbench.metrics.ceilings import Ceilings, evaluated, solo_ceilings
from dgbench.metrics.dominant import without_dominant
from dgbench.metrics.found import found, hidden_pattern_score
from dgbench.metrics.scale import above_chance
from dgbench.metrics.trusted import trusted
from dgbench.references import Reference


@dataclass(frozen=True, kw_only=True)
class AgainstReferences:
    """Scores on the scale of reference values. Those that a run or a benchmark lacks are None."""

    found: dict[str, float] = field(default_factory=dict)
    trusted: dict[str, float] = field(default_factory=dict)
    hps: float | None = None
    up: float | None = None
    mp: float | None = None
    retention: float | None = None


def against_references(
    accuracy: Mapping[str, float], spec: Spec, reference: Reference | None
) -> AgainstReferences:
    """Compute these scores from the accuracy on each test domain, by canonical name.

    Example:
        Without reference values there are none.

        >>> from data_gen.spec_files import find_spec
        >>> against_references({"id": 0.9}, find_spec("mnist-color-5k@1"), None).retention is None
        True
    """
    if reference is None or not spec.hidden:
        return AgainstReferences()
    chance = 1 / len(spec.classes)
    retention = None
    if "id" in accuracy:
        retention = above_chance(accuracy["id"], chance=chance, ceiling=reference.erm_id)
    by_pattern = _found(accuracy, solo_ceilings(spec, reference), chance=chance)
    return AgainstReferences(
        found={name: value for name, value in by_pattern.items() if value is not None},
        trusted=_trusted(accuracy, spec, reference),
        hps=hidden_pattern_score(by_pattern, spec.hidden),
        up=_without_dominant(accuracy, spec, reference, family="up"),
        mp=_without_dominant(accuracy, spec, reference, family="mp"),
        retention=retention,
    )


def _found(
    accuracy: Mapping[str, float], by_pattern: Mapping[str, Ceilings | None], *, chance: float
) -> dict[str, float | None]:
    """Compute F of each pattern that was tested, None where a ceiling leaves no room for one."""
    values: dict[str, float | None] = {}
    for name, ceilings in by_pattern.items():
        if ceilings is None:
            values[name] = None
        elif ceilings and all(domain in accuracy for domain in ceilings):
            solo = {domain: accuracy[domain] for domain in ceilings}
            values[name] = found(solo, chance=chance, ceilings=ceilings)
    return values


def _trusted(accuracy: Mapping[str, float], spec: Spec, reference: Reference) -> dict[str, float]:
    """Compute T of each pattern whose domain `only.<p>` was tested, where it has one."""
    values = {
        name: trusted(
            accuracy[domain], chance=1 / len(spec.classes), ceiling=reference.ceilings[name]
        )
        for name in spec.entries
        for domain in evaluated(spec, [f"only.{name}"])
        if domain in accuracy
    }
    return {name: value for name, value in values.items() if value is not None}


def _without_dominant(
    accuracy: Mapping[str, float], spec: Spec, reference: Reference, *, family: Literal["up", "mp"]
) -> float | None:
    """Compute UP or MP, or None where a dominant pattern was not tested that way."""
    by_pattern = []
    for entry in spec.patterns:
        if entry.name not in spec.hidden:
            endings = [""] if family == "up" else [f".{r}" for r in entry.renderings]
            domains = evaluated(spec, [f"{family}.{entry.name}{ending}" for ending in endings])
            by_pattern.append([accuracy[domain] for domain in domains if domain in accuracy])
            if not domains or len(by_pattern[-1]) < len(domains):
                return None
    chance = 1 / len(spec.classes)
    return without_dominant(by_pattern, chance=chance, erm_id=reference.erm_id)
