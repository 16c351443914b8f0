"""The verdict on every two ranked entries of a board, as a square table."""

from collections.abc import Mapping

from dgbench.metrics.ranking import LEVEL, PairVerdict, verdict
from dgbench.report.boards import Board
from dgbench.standings.table import Cell, Head, Table

_SIGNS: Mapping[PairVerdict, str] = {"better": "+", "worse": "-", "not shown different": "."}


def pairs_of(board: Board) -> Table | None:
    """The entry of a line against that of a column, or None with fewer than two ranked entries."""
    ranked = [
        (entry, contender) for entry in board.entries if (contender := entry.contender) is not None
    ]
    if len(ranked) < 2:
        return None
    lines = []
    for entry, mine in ranked:
        signs = [Cell("" if other is mine else _SIGNS[verdict(mine, other)]) for _, other in ranked]
        lines.append((Cell(str(entry.rank)), Cell(entry.name), *signs))
    return Table(
        title=f"Every two of them: {board.title}",
        heads=(
            Head("Rank"),
            Head("Method", is_text=True, is_name=True),
            *(Head(str(entry.rank), entry.name) for entry, _ in ranked),
        ),
        lines=tuple(lines),
        notes=(
            "The entry of the line against that of the column: + better, - worse, . not shown "
            f"different, each by the same paired test at the level {LEVEL:g}.",
        ),
    )
