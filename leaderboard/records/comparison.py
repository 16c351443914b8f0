"""Submissions of one benchmark side by side."""

from collections.abc import Mapping
from dataclasses import dataclass

from dgbench.metrics.ranking import PairVerdict
from leaderboard.records.row import Row


@dataclass(frozen=True, kw_only=True)
class PairDifference:
    """Two submissions of one benchmark, compared on the same images."""

    first: str
    second: str
    difference: float
    """Headline score of the first less that of the second."""
    low: float
    high: float
    p_value: float
    verdict: PairVerdict
    """Whether the first is better or worse, by the same test as tiers."""


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
    domains: tuple[DomainComparison, ...]
