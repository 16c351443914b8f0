"""The columns that every table of results can have: what each shows, in which digits, and why."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, Literal, Protocol, TypeVar

from dgbench.metrics.ranking import PairVerdict
from dgbench.metrics.score_names import TITLES, ScoreName
from dgbench.standings import words
from dgbench.standings.headline import Headline
from dgbench.standings.limits import MARK, UNSTABLE_MARK
from dgbench.standings.number_format import Show, Value, digits, interval, retention, shown, tier

Kind = Literal["text", "number", "bar", "heat", "interval"]
"""How a page draws the column. Files have text and numbers only."""
R_contra = TypeVar("R_contra", contravariant=True)


@dataclass(frozen=True, kw_only=True)
class Column(Generic[R_contra]):
    """One column of a table whose rows are of type R."""

    title: str
    help: str
    """A sentence that says what it means."""
    pick: Callable[[R_contra], Value]
    """Takes the value from a row, unrounded."""
    show: Show = str
    """Writes a value that is there, with its digits and unit."""
    kind: Kind = "text"
    is_default: bool = False
    """Whether a page shows it before the reader chooses."""

    def text(self, row: R_contra) -> str:
        """Return what the table shows for a row."""
        return shown(self.pick(row), self.show)


class ScoredRow(Protocol):
    """A row of results, from run folders or from the leaderboard."""

    @property
    def rank(self) -> int | None:
        """Its place in the order of the score, or None for an unranked row."""

    @property
    def tier(self) -> int | None:
        """Its tier, or None for an unranked row."""

    @property
    def is_unstable(self) -> bool:
        """Whether it scatters too much to be the best of a tier."""

    @property
    def against_best(self) -> PairVerdict | None:
        """The comparison with the best of the first tier, or None for that one or unranked."""

    @property
    def standing(self) -> words.Standing:
        """Whether it is ranked, or why not."""

    @property
    def headline(self) -> Headline:
        """The score that ranks."""

    @property
    def up(self) -> float | None:
        """The uncorrelated-pattern score."""

    @property
    def mp(self) -> float | None:
        """The missing-pattern score."""

    @property
    def retention(self) -> float | None:
        """ID retention."""

    @property
    def found(self) -> Mapping[str, float]:
        """F of each pattern that has one."""

    @property
    def trusted(self) -> Mapping[str, float]:
        """T of each pattern that has one."""


RANK: Column[ScoredRow] = Column(
    title=words.RANK.title,
    help=words.RANK.help,
    pick=lambda row: row.rank,
    show=digits(0),
    kind="number",
    is_default=True,
)
TIER: Column[ScoredRow] = Column(
    title=words.TIER.title,
    help=f"{words.TIER.help} {words.PAIRED_TEST} {UNSTABLE_MARK} marks an entry that is "
    f"{words.UNSTABLE.name}, {words.UNSTABLE.meaning}.",
    pick=lambda row: tier(row.tier, is_unstable=row.is_unstable),
    is_default=True,
)
AGAINST_BEST: Column[ScoredRow] = Column(
    title=words.AGAINST_BEST.title,
    help=words.AGAINST_BEST.help,
    pick=lambda row: row.against_best,
)


def headline_column(
    name: ScoreName, *, hidden: Sequence[str] = (), show: Show
) -> Column[ScoredRow]:
    """The column by which rows are ranked. `hidden` names the patterns that it is about."""
    patterns = f" ({', '.join(hidden)})" if hidden else ""
    return Column(
        title=TITLES[name],
        help=f"{words.SCORES[name].help.removesuffix('.')}{patterns}. Rows are ranked by it.",
        pick=lambda row: row.headline.estimate,
        show=show,
        kind="bar",
        is_default=True,
    )


def interval_column(name: ScoreName, *, places: int, factor: int = 1) -> Column[ScoredRow]:
    """The interval of the score that ranks."""
    title = TITLES["hps"] if name == "hps" else "Accuracy"
    return Column(
        title=f"{title} interval",
        help=f"95 % interval of the score {TITLES[name]} over new training seeds and new images.",
        pick=lambda row: interval(
            row.headline.low, row.headline.high, factor=factor, places=places
        ),
        kind="interval",
        is_default=True,
    )


def found_column(
    name: str, *, is_hidden: bool, places: int = 2, is_default: bool = True
) -> Column[ScoredRow]:
    """F of one pattern."""
    return Column(
        title=f"{words.F.title} {name}",
        help=f"{words.F.help} Here of **{name}**, {_role(is_hidden)}.",
        pick=lambda row: row.found.get(name),
        show=digits(places),
        kind="heat",
        is_default=is_default,
    )


def trusted_column(
    name: str, *, is_hidden: bool, bound: float | None = None, places: int = 2
) -> Column[ScoredRow]:
    """T of one pattern, with what an ideal voter would have of it, where that is known."""
    voter = "" if bound is None else f" {ideal_voter_sentence(bound)}"
    return Column(
        title=f"{words.T.title} {name}",
        help=f"{words.T.help} Here of **{name}**, {_role(is_hidden)}.{voter}",
        pick=lambda row: row.trusted.get(name),
        show=digits(places),
        kind="heat",
        is_default=True,
    )


def ideal_voter_sentence(bound: float) -> str:
    """Say how far a method would trust that knows all patterns and trusts them equally."""
    return (
        "An ideal voter, who knows all patterns and trusts them equally, would have "
        f"{words.T.title} {bound:.2f} of each."
    )


def up_column(places: int = 2) -> Column[ScoredRow]:
    """The uncorrelated-pattern score."""
    return Column(
        title=words.UP.title,
        help=words.UP.help,
        pick=lambda row: row.up,
        show=digits(places),
        kind="number",
    )


def mp_column(places: int = 2) -> Column[ScoredRow]:
    """The missing-pattern score."""
    return Column(
        title=words.MP.title,
        help=words.MP.help,
        pick=lambda row: row.mp,
        show=digits(places),
        kind="number",
    )


def _role(is_hidden: bool) -> str:
    return "a hidden pattern" if is_hidden else "the dominant, easy pattern"


def retention_column(places: int = 2) -> Column[ScoredRow]:
    """ID retention, marked where it is low."""
    return Column(
        title=words.R.title,
        help=f"{words.R.help} Marked with {MARK} {words.LOW_RETENTION}: such a method gave up a "
        "part of what plain training (ERM) learns.",
        pick=lambda row: row.retention,
        show=retention(places),
        kind="number",
        is_default=True,
    )
