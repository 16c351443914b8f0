"""All scores of one run, from its raw counts, the spec and the reference values."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

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
"""Domains in which no method can know the label. They show what a method uses, not what it lost."""


@dataclass(frozen=True, kw_only=True)
class Scores:
    """The scores of one run, None where the benchmark lacks the domain or its reference values."""

    chance: float
    accuracy: dict[str, float]
    """Accuracy by canonical domain name, in [0, 1]."""
    worst_domain: str
    """The domain with the lowest accuracy among those in which the label can be known."""
    pattern_found: dict[str, float] | None
    """PF of each pattern: 0 at chance, 1 at the ceiling, never clipped."""
    hps: float | None
    """Hidden-pattern score, the mean PF over the hidden patterns."""
    mps: float | None
    """Missing-pattern score, on the same scale, with the dominant pattern missing."""
    retention: float | None
    """ID retention R: 0 at chance, 1 at ERM's accuracy in the training domain."""
    reliance: dict[str, float] | None
    """Share of predictions on `conflict` that follow each pattern."""
    effective_patterns: float | None
    """exp(entropy) of these shares: how many patterns decide."""
    shapley: dict[str, float] | None
    """What each pattern adds to the accuracy, averaged over all orders."""
    calibration: dict[str, Calibration]
    """By canonical domain name, where predictions came with probabilities."""
    mean_environment: float | None
    """Mean accuracy over the test environments."""
    worst_environment: float | None
    """Accuracy in the worst test environment."""


def scores(
    domains: Mapping[str, DomainCounts], spec: Spec, reference: Reference | None = None
) -> Scores:
    """Compute the scores of one run.

    Args:
        domains: Raw counts by canonical name, for every test domain of the spec.
        spec: The benchmark.
        reference: Its reference values; without them there are no PF, HPS, MPS and R.

    Example:
        A run that is right on 400 of 1,000 images in every domain.

        >>> from data_gen.manifest import SplitRecord
        >>> from data_gen.spec_files import find_spec
        >>> spec = find_spec("mnist-color-5k@1")
        >>> counts = DomainCounts(
        ...     data=SplitRecord(n_images=1000, pixels="", labels="", factors=""),
        ...     n=1000,
        ...     correct=400,
        ...     follows={"shape": 300, "color": 600},
        ...     nll=None,
        ...     brier=None,
        ... )
        >>> run = scores({test.name: counts for test in spec.test_domains}, spec)
        >>> run.chance, run.accuracy["id"], run.reliance, run.hps
        (0.1, 0.4, {'shape': 0.3, 'color': 0.6}, None)
    """
    accuracy = {name: counts.correct / counts.n for name, counts in domains.items()}
    by_domain = {spec.domain(name): value for name, value in accuracy.items()}
    conflict = domains.get("conflict")
    shares = reliance(conflict.follows, conflict.n) if conflict else None
    environments = [accuracy[name] for name in accuracy if name.startswith("env.")]
    knowable = [name for name in accuracy if name not in UNPREDICTABLE] or list(accuracy)
    against_oracles = _against_oracles(by_domain, spec, reference)
    return Scores(
        chance=1 / len(spec.classes),
        accuracy=accuracy,
        worst_domain=min(knowable, key=accuracy.__getitem__),
        pattern_found=against_oracles.pattern_found,
        hps=against_oracles.hps,
        mps=against_oracles.mps,
        retention=against_oracles.retention,
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


class _AgainstOracles(NamedTuple):
    """The scores that compare a run with the reference values."""

    pattern_found: dict[str, float] | None = None
    hps: float | None = None
    mps: float | None = None
    retention: float | None = None


def _against_oracles(
    accuracy: Mapping[Domain, float], spec: Spec, reference: Reference | None
) -> _AgainstOracles:
    only = _only(accuracy, spec)
    if reference is None or not only:
        return _AgainstOracles()
    chance, ceilings = 1 / len(spec.classes), reference.ceilings
    by_pattern = pattern_found(only, chance=chance, ceilings=ceilings)
    missing = _dominant_missing(accuracy, spec)
    mps = None
    if missing:
        mps = missing_pattern_score(missing, chance=chance, ceilings=ceilings, hidden=spec.hidden)
    return _AgainstOracles(
        pattern_found=by_pattern,
        hps=hidden_pattern_score(by_pattern, spec.hidden),
        mps=mps,
        retention=above_chance(
            accuracy[spec.domain("id")], chance=chance, ceiling=reference.erm_id
        ),
    )


def _only(accuracy: Mapping[Domain, float], spec: Spec) -> dict[str, float] | None:
    """Find the accuracy on `only.<p>` of every pattern p, or None where one is missing."""
    if not spec.hidden:
        return None
    by_pattern = {
        name: accuracy[domain]
        for name in spec.entries
        if (domain := spec.domain(f"only.{name}")) in accuracy
    }
    return by_pattern if len(by_pattern) == len(spec.entries) else None


def _dominant_missing(accuracy: Mapping[Domain, float], spec: Spec) -> list[float]:
    """List the accuracies with a dominant pattern missing, one for each rendering."""
    dominant = [name for name in spec.entries if name not in spec.hidden]
    domains = [domain_of({name: rendering}) for name in dominant for rendering in RENDERINGS]
    return [accuracy[domain] for domain in domains if domain in accuracy]


def _shapley(accuracy: Mapping[Domain, float], spec: Spec) -> dict[str, float] | None:
    """Compute Shapley values where the whole factorial of kept and uncorrelated was evaluated."""
    names = list(spec.entries)
    game = {}
    for bits in range(2 ** len(names)):
        kept = frozenset(name for place, name in enumerate(names) if bits >> place & 1)
        domain = domain_of({name: "uncorrelated" for name in names if name not in kept})
        if domain not in accuracy:
            return None
        game[kept] = accuracy[domain]
    return shapley_values(game)
