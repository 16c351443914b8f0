"""Submissions of one benchmark side by side."""

from collections.abc import Mapping
from dataclasses import dataclass

from dgbench.metrics.linear_scores import LinearName
from dgbench.metrics.ranking import PairVerdict
from leaderboard.records.row import Row


@dataclass(frozen=True, kw_only=True)
class PairDifference:
    """Two submissions of one benchmark, compared on the same images."""

    first: str
    second: str
    difference: float
    """The score of the first less that of the second."""
    low: float
    high: float
    p_value: float
    verdict: PairVerdict
    """Whether the first is better or worse, by the same test as tiers."""

    @property
    def turned(self) -> "PairDifference":
        """The same of the second submission and the first."""
        turned: dict[PairVerdict, PairVerdict] = {"better": "worse", "worse": "better"}
        return PairDifference(
            first=self.second,
            second=self.first,
            difference=-self.difference,
            low=-self.high,
            high=-self.low,
            p_value=self.p_value,
            verdict=turned.get(self.verdict, self.verdict),
        )


@dataclass(frozen=True, kw_only=True)
class EstimatedScore:
    """A score with its 95 % interval."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, kw_only=True)
class ScoreComparison:
    """One score of all compared submissions."""

    score: LinearName
    part: str
    """The pattern or environment that it is of, or an empty text."""
    values: Mapping[str, EstimatedScore]
    """By submission id."""
    pairs: tuple[PairDifference, ...]
    """Every two of them, by the test that ranks."""


@dataclass(frozen=True, kw_only=True)
class DomainComparison:
    """The images of one domain that compared submissions get right, by majority of their seeds."""

    domain: str
    n_images: int
    accuracy: Mapping[str, float]
    """Mean over seeds, by submission id."""
    overlap: Mapping[str, Mapping[str, float]]
    """Of the images that either gets wrong, the share that both get wrong, by id and id."""
    n_differing: int
    """Images that most seeds of some get right and most seeds of others do not."""
    differing: tuple[int, ...]
    """The first of them, at most a hundred, by their index in the domain."""


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """Two to six submissions of one benchmark side by side."""

    benchmark: str
    rows: tuple[Row, ...]
    pairs: tuple[PairDifference, ...]
    """Differences of the score that ranks."""
    scores: tuple[ScoreComparison, ...]
    """Every other score, by pattern. Submissions of a single seed have none."""
    domains: tuple[DomainComparison, ...]
