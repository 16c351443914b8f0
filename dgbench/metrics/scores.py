"""All scores of one run, from its raw counts, the spec and the reference values."""

from collections.abc import Mapping
from dataclasses import dataclass

from data_gen.domain import RENDERINGS, Domain, domain_of
from data_gen.spec import Spec
from dgbench.metrics.calibration import Calibration, calibration
from dgbench.metrics.pattern_found import (
    above_chance,
    hidden_pattern_score,
    mean,
    missing_pattern_score,
    pattern_found,
)
from dgbench.metrics.reliance import effective_patterns, reliance
from dgbench.metrics.shapley import shapley_values
from dgbench.references import Reference
from dgbench.results.record import DomainCounts

UNPREDICTABLE = ("none", "conflict")
"""Domains in which no method can know the label: they tell what is used, not what is lost."""


@dataclass(frozen=True, kw_only=True)
class Scores:
    """Scores of one run; None where the benchmark has no such domain or no reference values."""

    chance: float
    accuracy: dict[str, float]
    """By canonical domain name."""
    worst_domain: str
    """The domain with the lowest accuracy, of those whose label can be known."""
    pattern_found: dict[str, float] | None
    """PF of each pattern."""
    hps: float | None
    mps: float | None
    retention: float | None
    """ID retention R."""
    reliance: dict[str, float] | None
    """Share of predictions on `conflict` that follow each pattern."""
    effective_patterns: float | None
    shapley: dict[str, float] | None
    calibration: dict[str, Calibration]
    mean_environment: float | None
    worst_environment: float | None
    """Accuracy over the test environments, where the benchmark has environments."""


def scores(
    domains: Mapping[str, DomainCounts], spec: Spec, reference: Reference | None = None
) -> Scores:
    """The scores of one run; `domains` must hold every test domain of the spec."""
    accuracy = {name: counts.correct / counts.n for name, counts in domains.items()}
    by_domain = {spec.domain(name): value for name, value in accuracy.items()}
    chance = 1 / len(spec.classes)
    only = _only(by_domain, spec)
    found = hps = mps = retention = None
    if reference is not None and only:
        found = pattern_found(only, chance=chance, ceilings=reference.ceilings)
        hps = hidden_pattern_score(found, spec.hidden)
        missing = _dominant_missing(by_domain, spec)
        if missing:
            mps = missing_pattern_score(
                missing, chance=chance, ceilings=reference.ceilings, hidden=spec.hidden
            )
        retention = above_chance(accuracy["id"], chance=chance, ceiling=reference.erm_id)
    conflict = domains.get("conflict")
    shares = reliance(conflict.follows, conflict.n) if conflict else None
    environments = [accuracy[name] for name in accuracy if name.startswith("env.")]
    knowable = [name for name in accuracy if name not in UNPREDICTABLE] or list(accuracy)
    return Scores(
        chance=chance,
        accuracy=accuracy,
        worst_domain=min(knowable, key=accuracy.__getitem__),
        pattern_found=found,
        hps=hps,
        mps=mps,
        retention=retention,
        reliance=shares,
        effective_patterns=effective_patterns(shares) if shares is not None else None,
        shapley=_shapley(by_domain, spec),
        calibration={
            name: measured
            for name, counts in domains.items()
            if (measured := calibration(counts)) is not None
        },
        mean_environment=mean(environments) if environments else None,
        worst_environment=min(environments) if environments else None,
    )


def _only(accuracy: Mapping[Domain, float], spec: Spec) -> dict[str, float] | None:
    """The accuracy on `only.<p>` of every pattern, by pattern; None where one is lacking."""
    if not spec.hidden:
        return None
    found = {name: accuracy.get(spec.domain(f"only.{name}")) for name in spec.entries}
    if any(value is None for value in found.values()):
        return None
    return {name: value for name, value in found.items() if value is not None}


def _dominant_missing(accuracy: Mapping[Domain, float], spec: Spec) -> list[float]:
    """The accuracies with a dominant pattern missing, in each rendering there is."""
    dominant = [name for name in spec.entries if name not in spec.hidden]
    wanted = [domain_of({name: rendering}) for name in dominant for rendering in RENDERINGS]
    return [accuracy[domain] for domain in wanted if domain in accuracy]


def _shapley(accuracy: Mapping[Domain, float], spec: Spec) -> dict[str, float] | None:
    """Shapley values where the whole factorial of kept and uncorrelated was evaluated."""
    names = list(spec.entries)
    game = {}
    for bits in range(2 ** len(names)):
        kept = frozenset(name for place, name in enumerate(names) if bits >> place & 1)
        domain = domain_of({name: "uncorrelated" for name in names if name not in kept})
        if domain not in accuracy:
            return None
        game[kept] = accuracy[domain]
    return shapley_values(game)
