"""The query that selects and orders rows."""

from dataclasses import dataclass
from typing import Literal, get_args

from dgbench.results.facts import Paradigm
from dgbench.standings.words import Standing, Verification

Sort = Literal[
    "rank",
    "score",
    "up",
    "mp",
    "retention",
    "accuracy",
    "submitted",
    "method",
    "parameters",
    "seconds",
    "energy",
    "seeds",
    "attempts",
    "year",
]
SORTS: tuple[Sort, ...] = get_args(Sort)
BY_PATTERN = ("found", "trusted")
"""Scores by which rows can be sorted for each pattern, as in `found.shape`."""


@dataclass(frozen=True, kw_only=True)
class Query:
    """A choice of rows of the leaderboard, with their order."""

    benchmark: str
    uses: tuple[str, ...] | None = None
    """The track, or None for the rows of every track, each ranked in its own."""
    selection: str | None = "fixed"
    """How hyper-parameters were chosen, or None for all, each ranked in its own."""
    search: str = ""
    """Words that name, version, authors, paper or id must contain."""
    verification: Verification | None = None
    standing: Standing | None = None
    paradigm: Paradigm | None = None
    """The kind of learning system that methods train."""
    as_of: str | None = None
    """A date or time, ISO 8601, UTC where it names no zone: the leaderboard as it was then."""
    max_parameters: int | None = None
    """Leave out models with more parameters, and those that do not say."""
    max_seconds: float | None = None
    """Leave out trainings of a seed that took longer, and those that do not say."""
    min_retention: float | None = None
    """Leave out rows with a smaller ID retention, and those without one."""
    since_year: int | None = None
    """Leave out methods of earlier publications, and those without a publication."""
    sort: str = "rank"
    """One of `SORTS`, or a score of `BY_PATTERN` with a pattern."""
    descending: bool = False

    @property
    def whole(self) -> "Query":
        """The query of all rows of the same groups at the same time, in the order of the ranks."""
        return Query(
            benchmark=self.benchmark, uses=self.uses, selection=self.selection, as_of=self.as_of
        )
