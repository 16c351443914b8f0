"""The query that selects and orders rows."""

from dataclasses import dataclass
from typing import Literal

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
]


@dataclass(frozen=True, kw_only=True)
class Query:
    """A choice of rows of the leaderboard, with their order."""

    benchmark: str
    uses: tuple[str, ...] | None = None
    """The track, or None for the rows of every track, each ranked in its own."""
    selection: str | None = "fixed"
    """How hyper-parameters were chosen, or None for all, each ranked in its own."""
    search: str = ""
    """Words that name, version, authors or id must contain."""
    verification: Verification | None = None
    standing: Standing | None = None
    as_of: str | None = None
    """A date or time, ISO 8601, UTC where it names no zone: the leaderboard as it was then."""
    sort: Sort = "rank"
    descending: bool = False

    @property
    def whole(self) -> "Query":
        """The query of all rows of the same groups at the same time, in the order of the ranks."""
        return Query(
            benchmark=self.benchmark, uses=self.uses, selection=self.selection, as_of=self.as_of
        )
