"""A grid of the patterns that each method finds and trusts, over all boards."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from typing import Any, Literal, NamedTuple

import numpy as np
from jaxtyping import Float

from data_gen.foundation.errors import UsageError
from dgbench.report.boards import Board
from dgbench.report.entries import Entry
from dgbench.standings.standing import LINES
from dgbench.standings.words import track


class MethodRow(NamedTuple):
    """The entries of one name and track, over all benchmarks."""

    uses: tuple[str, ...]
    name: str
    is_yardstick: bool = False

    @property
    def part(self) -> str:
        """The title of the part of the grid that it is in, empty for the first part."""
        if self.is_yardstick:
            return LINES["yardstick"]
        return f"methods that use {track(self.uses)}" if self.uses else ""


class GridColumn(NamedTuple):
    """One score of one pattern of one benchmark."""

    benchmark: str
    score: Literal["F", "T"]
    pattern: str
    is_hidden: bool

    @property
    def label(self) -> str:
        """The score and the pattern."""
        return f"{self.score} {self.pattern}"


class ScoreGrid(NamedTuple):
    """Scores of entries (rows) for the patterns of benchmarks (columns)."""

    rows: list[MethodRow]
    """Rows by track, the best first by HPS on the first benchmark, then on the next.

    Yardsticks of all tracks are last.
    """
    columns: list[GridColumn]
    """Beginning with the benchmark that has the most entries, F of its patterns before T."""
    values: Float[np.ndarray, "n m"]
    """The scores, NaN for an entry that was not run."""


def grid_of(boards: Sequence[Board]) -> ScoreGrid:
    """Collect the scores of all boards that have any.

    Raises UsageError if no board has scores of patterns.
    """
    scored = [board for board in boards if any(map(_has_scores, board.entries))]
    if not scored:
        raise UsageError("No run has scores of patterns, so there is nothing to draw.")
    by_row: dict[MethodRow, dict[GridColumn, float]] = {}
    hps: dict[MethodRow, dict[str, float]] = {}
    for board in scored:
        for entry in filter(_has_scores, board.entries):
            row = MethodRow(board.uses, entry.name, entry.standing == "yardstick")
            if board.name in hps.get(row, {}):
                raise UsageError(
                    f"{entry.name!r} was run on several unofficial sets of {board.spec.id}, which "
                    "one picture cannot tell apart. Name the folders of one of them."
                )
            by_row.setdefault(row, {}).update(_scores_of(entry, board))
            hps.setdefault(row, {})[board.name] = entry.mean("hps") or 0.0
    n_entries = Counter(name for scores_by_board in hps.values() for name in scores_by_board)
    benchmarks = sorted(n_entries, key=lambda name: (-n_entries[name], name))
    columns = _columns(scored, benchmarks, {column for row in by_row.values() for column in row})

    def order(row: MethodRow) -> tuple[Any, ...]:
        scores = [-hps[row].get(name, -np.inf) for name in benchmarks]
        return (row.is_yardstick, len(row.uses), row.uses, *scores, row.name)

    rows = sorted(by_row, key=order)
    return ScoreGrid(
        rows=rows,
        columns=columns,
        values=np.array([[by_row[row].get(column, np.nan) for column in columns] for row in rows]),
    )


def _has_scores(entry: Entry) -> bool:
    return bool(entry.found or entry.trusted)


def _scores_of(entry: Entry, board: Board) -> dict[GridColumn, float]:
    by_score: dict[Literal["F", "T"], Mapping[str, float]] = {"F": entry.found, "T": entry.trusted}
    return {
        GridColumn(board.name, score, pattern, pattern in board.spec.hidden): value
        for score, by_pattern in by_score.items()
        for pattern, value in by_pattern.items()
    }


def _columns(
    boards: Sequence[Board], benchmarks: Sequence[str], used: Collection[GridColumn]
) -> list[GridColumn]:
    """Order the columns that have numbers by benchmark, score, and pattern as in the spec."""
    specs = {board.name: board.spec for board in boards}
    scores: tuple[Literal["F", "T"], ...] = ("F", "T")
    return [
        column
        for name in benchmarks
        for score in scores
        for pattern in specs[name].entries
        if (column := GridColumn(name, score, pattern, pattern in specs[name].hidden)) in used
    ]
