"""The standing of an entry: whether it is ranked, and under which line it is listed if not."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from dgbench.standings.limits import FULL_SEEDS, RANKED_SEEDS, RETAINED
from dgbench.standings.words import Standing

RANKED: tuple[Standing, ...] = ("full", "provisional")
"""Only entries of these standings have a rank and a tier."""
LINES: Mapping[Standing, str] = {"gave-up": "Gave up the task", "yardstick": "Yardsticks"}
"""The lines below the other rows under which entries of a standing are listed."""
_PARTS: tuple[Standing, ...] = ("unranked", "gave-up", "yardstick")
"""What stands below the ranked rows, in this order."""


class HasStanding(Protocol):
    """A row that has a standing."""

    @property
    def standing(self) -> Standing:
        """Whether it is ranked, or why not."""


def claimed_standing(
    n_seeds: int,
    *,
    is_yardstick: bool = False,
    has_diverged: bool = False,
    is_demonstration: bool = False,
    has_score: bool = True,
) -> Standing:
    """Tell the standing of an entry from what is said of it, before anything is scored.

    An entry of which any seed diverged gave up the task: a mean over the seeds that are left would
    show it better than it is. An older version of a benchmark may lack the score that ranks.

    Example:
        >>> claimed_standing(5), claimed_standing(3), claimed_standing(2)
        ('full', 'provisional', 'unranked')
        >>> claimed_standing(5, has_diverged=True)
        'gave-up'
    """
    if is_yardstick:
        return "yardstick"
    if has_diverged:
        return "gave-up"
    if is_demonstration or not has_score or n_seeds < RANKED_SEEDS:
        return "unranked"
    return "full" if n_seeds >= FULL_SEEDS else "provisional"


def gated(standing: Standing, retention: float | None) -> Standing:
    """Tell the standing of an entry once its ID retention, the mean over seeds, is known.

    Benchmarks with environments have no retention, so nothing is held back there.

    Example:
        >>> gated("full", 0.95), gated("full", 0.949), gated("full", None)
        ('full', 'gave-up', 'full')
        >>> gated("yardstick", 0.0)
        'yardstick'
    """
    if standing == "yardstick" or retention is None or retention >= RETAINED:
        return standing
    return "gave-up"


def part_of(standing: Standing) -> int:
    """Number the part of a table in which an entry is listed, from the top.

    Example:
        >>> part_of("full"), part_of("provisional"), part_of("yardstick")
        (0, 0, 3)
    """
    return 1 + _PARTS.index(standing) if standing in _PARTS else 0


def lines_above(rows: Sequence[HasStanding]) -> dict[int, str]:
    """Find the rows of a table, by index, above which a line begins another part."""
    above = {}
    for index, row in enumerate(rows):
        is_first = index == 0 or rows[index - 1].standing != row.standing
        if is_first and row.standing in LINES:
            above[index] = LINES[row.standing]
    return above
