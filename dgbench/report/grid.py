"""A grid of the patterns that each method finds, over all boards."""

from collections import Counter
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from jaxtyping import Float

from data_gen.foundation.errors import UsageError
from dgbench.report.boards import Board


class MethodRow(NamedTuple):
    """The entries of one name and track, over all benchmarks."""

    uses: tuple[str, ...]
    name: str


class ScoreGrid(NamedTuple):
    """Pattern-found scores of entries (rows) for the patterns of benchmarks (columns)."""

    rows: list[MethodRow]
    """Rows by track, the best first by HPS on the first benchmark, then on the next."""
    columns: list[tuple[str, str]]
    """Benchmark and pattern, beginning with the benchmark that has the most entries."""
    hidden: list[bool]
    """Whether each column is a hidden pattern."""
    values: Float[np.ndarray, "n m"]
    """Pattern-found scores, NaN for an entry that was not run."""


def grid_of(boards: Sequence[Board]) -> ScoreGrid:
    """Collect the scores of all boards that have any.

    Raises UsageError if no board has pattern-found scores.
    """
    scored = [board for board in boards if any(entry.pattern_found for entry in board.entries)]
    if not scored:
        raise UsageError("No run has pattern-found scores, so there is nothing to draw.")
    by_row: dict[MethodRow, dict[tuple[str, str], float]] = {}
    hps: dict[MethodRow, dict[str, float]] = {}
    for board in scored:
        for entry in board.entries:
            if not entry.pattern_found:
                continue
            row = MethodRow(board.uses, entry.name)
            if board.name in hps.get(row, {}):
                raise UsageError(
                    f"{entry.name!r} was run on several unofficial sets of {board.spec.id}, which "
                    "one picture cannot tell apart. Name the folders of one of them."
                )
            by_row.setdefault(row, {}).update(
                {(board.name, name): score for name, score in entry.pattern_found.items()}
            )
            hps.setdefault(row, {})[board.name] = entry.mean("hps") or 0.0
    specs = {board.name: board.spec for board in scored}
    n_entries = Counter(name for scores_by_board in hps.values() for name in scores_by_board)
    benchmarks = sorted(specs, key=lambda name: (-n_entries[name], name))
    columns = [(name, pattern) for name in benchmarks for pattern in specs[name].entries]

    def order(row: MethodRow) -> tuple[Any, ...]:
        scores = [-hps[row].get(name, -np.inf) for name in benchmarks]
        return (len(row.uses), row.uses, *scores, row.name)

    rows = sorted(by_row, key=order)
    return ScoreGrid(
        rows=rows,
        columns=columns,
        hidden=[pattern in specs[name].hidden for name, pattern in columns],
        values=np.array([[by_row[row].get(column, np.nan) for column in columns] for row in rows]),
    )
