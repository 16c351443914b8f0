"""All scores of one run, from its raw counts, the spec and the reference values."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from data_gen.domain import Domain, domain_of
from data_gen.spec import Spec
from dgbench.metrics.against_references import against_references
from dgbench.metrics.calibration import Calibration, calibration
from dgbench.metrics.encoded import encoded_patterns
from dgbench.metrics.reliance import effective_patterns, reliance
from dgbench.metrics.scale import mean
from dgbench.metrics.shapley import shapley_values
from dgbench.references import Reference
from dgbench.results.record import DomainCounts, ProbeCounts

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
    found: dict[str, float]
    """F of each pattern that has one: 0 at chance, 1 at the ceiling, never clipped."""
    trusted: dict[str, float]
    """T of each pattern that has one, on the same scale."""
    encoded: dict[str, float]
    """E of each pattern that has one: 0 for the untrained network, 1 for the oracle."""
    hps: float | None
    """Hidden-pattern score, the mean F over the hidden patterns."""
    up: float | None
    """Accuracy with the dominant pattern uncorrelated: 0 at chance, 1 at ERM's on `id`."""
    mp: float | None
    """The same with the dominant pattern missing."""
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
    domains: Mapping[str, DomainCounts],
    spec: Spec,
    reference: Reference | None = None,
    *,
    probes: Mapping[str, ProbeCounts] = MappingProxyType({}),
) -> Scores:
    """Compute the scores of one run.

    Args:
        domains: Raw counts by canonical name, for every test domain of the spec.
        spec: The benchmark.
        reference: Its reference values; without them there are no F, T, E, HPS, UP, MP and R.
        probes: Linear probes by pattern, of a method that has features.

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
    conflict = domains.get("conflict")
    shares = reliance(conflict.follows, conflict.n) if conflict else None
    environments = [accuracy[name] for name in accuracy if name.startswith("env.")]
    knowable = [name for name in accuracy if name not in UNPREDICTABLE] or list(accuracy)
    scaled = against_references(accuracy, spec, reference)
    return Scores(
        chance=1 / len(spec.classes),
        accuracy=accuracy,
        worst_domain=min(knowable, key=accuracy.__getitem__),
        found=scaled.found,
        trusted=scaled.trusted,
        encoded=encoded_patterns(probes, reference),
        hps=scaled.hps,
        up=scaled.up,
        mp=scaled.mp,
        retention=scaled.retention,
        reliance=shares,
        effective_patterns=effective_patterns(shares) if shares is not None else None,
        shapley=_shapley(accuracy, spec),
        calibration={
            name: measured
            for name, counts in domains.items()
            if (measured := calibration(counts)) is not None
        },
        mean_environment=mean(environments) if environments else None,
        worst_environment=min(environments) if environments else None,
    )


def _shapley(accuracy: Mapping[str, float], spec: Spec) -> dict[str, float] | None:
    """Compute Shapley values where the whole factorial of kept and uncorrelated was evaluated."""
    by_domain: dict[Domain, float] = {spec.domain(name): value for name, value in accuracy.items()}
    names = list(spec.entries)
    game = {}
    for bits in range(2 ** len(names)):
        kept = frozenset(name for place, name in enumerate(names) if bits >> place & 1)
        domain = domain_of({name: "uncorrelated" for name in names if name not in kept})
        if domain not in by_domain:
            return None
        game[kept] = by_domain[domain]
    return shapley_values(game)
