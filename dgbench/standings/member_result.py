"""A method's result on one benchmark of a list: a cell of an overview, or a point of a curve."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from data_gen.foundation.documents import Frozen
from dgbench.metrics.intervals import Summary, interval_of
from dgbench.standings.standing import RANKED
from dgbench.standings.words import Standing


class MethodInTrack(NamedTuple):
    """The entries of one name and track, over all benchmarks."""

    uses: tuple[str, ...]
    name: str


class Bounded(Frozen):
    """A number with its 95 % interval, whose ends are null with fewer than two seeds."""

    estimate: float
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, kw_only=True)
class MemberResult:
    """An entry of a board, as lists of benchmarks need it."""

    score: float
    """HPS, the mean over seeds."""
    n_seeds: int
    summary: Summary | None
    """The summary of its HPS, or None with fewer than two seeds."""
    images: str
    """Names the test images: benchmarks that show the same glyphs have the same name."""
    standing: Standing
    tier: int | None

    @property
    def bounded(self) -> Bounded:
        """The score with its interval."""
        if self.summary is None:
            return Bounded(estimate=self.score)
        interval = interval_of(self.summary)
        return Bounded(estimate=self.score, low=interval.low, high=interval.high)

    @property
    def is_ranked(self) -> bool:
        """Whether it has a place on its board."""
        return self.standing in RANKED


Results = Mapping[MethodInTrack, Mapping[str, MemberResult]]
"""By method and full name of the benchmark, without those on which the method was not run."""


def summaries_of(results: Sequence[MemberResult]) -> list[Summary] | None:
    """The summaries of all results, or None if any has fewer than two seeds."""
    summaries = [result.summary for result in results if result.summary is not None]
    return summaries if len(summaries) == len(results) else None
