"""A picture of which patterns each method finds."""

from collections import Counter
from collections.abc import Sequence
from io import BytesIO
from pathlib import Path
from statistics import mean
from typing import Any, NamedTuple

import numpy as np
from jaxtyping import Float
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from data_gen.errors import UsageError
from dgbench.report.boards import Board, Entry
from dgbench.results.folder import write_bytes

_NOT_RUN = "#e8e8e8"
_LIGHT = 0.55
"""Pattern-found score from which the colour map is light and needs dark text."""


class Row(NamedTuple):
    """The entries of one name and track, over all benchmarks."""

    uses: tuple[str, ...]
    name: str


class Grid(NamedTuple):
    """Pattern-found scores of entries (rows) for the patterns of benchmarks (columns)."""

    rows: list[Row]
    """A track together, the best first: by HPS on the first benchmark, then on the next."""
    columns: list[tuple[str, str]]
    """Benchmark and pattern; first the benchmark with the most entries."""
    hidden: list[bool]
    """Which columns are hidden patterns."""
    values: Float[np.ndarray, "n m"]
    """NaN where an entry was not run."""


def grid_of(boards: Sequence[Board]) -> Grid:
    """The scores of all boards that have any; UsageError where none has."""
    scored = [board for board in boards if any(map(_has_scores, board.entries))]
    if not scored:
        raise UsageError("No run has pattern-found scores, so there is nothing to draw.")
    found: dict[Row, dict[tuple[str, str], float]] = {}
    hps: dict[Row, dict[str, float]] = {}
    for board in scored:
        for entry in filter(_has_scores, board.entries):
            row = Row(board.uses, entry.name)
            if _name(board) in hps.get(row, {}):
                raise UsageError(
                    f"{entry.name!r} was run on several unofficial sets of {board.spec.id}, which "
                    "one picture cannot tell apart. Name the folders of one of them."
                )
            found.setdefault(row, {}).update(_patterns_found(_name(board), entry))
            hps.setdefault(row, {})[_name(board)] = entry.mean("hps") or 0.0
    specs = {_name(board): board.spec for board in scored}
    n_entries = Counter(name for of in hps.values() for name in of)
    benchmarks = sorted(specs, key=lambda name: (-n_entries[name], name))
    columns = [(name, pattern) for name in benchmarks for pattern in specs[name].entries]

    def order(row: Row) -> tuple[Any, ...]:
        scores = [-hps[row].get(name, -np.inf) for name in benchmarks]
        return (len(row.uses), row.uses, *scores, row.name)

    rows = sorted(found, key=order)
    return Grid(
        rows=rows,
        columns=columns,
        hidden=[pattern in specs[name].hidden for name, pattern in columns],
        values=np.array([[found[row].get(at, np.nan) for at in columns] for row in rows]),
    )


def _has_scores(entry: Entry) -> bool:
    return bool(entry.scores) and all(found.pattern_found for found in entry.scores)


def _name(board: Board) -> str:
    return board.spec.id if board.official else f"{board.spec.id} (unofficial)"


def _patterns_found(benchmark: str, entry: Entry) -> dict[tuple[str, str], float]:
    each = [found.pattern_found for found in entry.scores if found.pattern_found is not None]
    return {(benchmark, pattern): mean(of[pattern] for of in each) for pattern in each[0]}


def save_heat_map(boards: Sequence[Board], path: Path) -> None:
    """Draw the grid of the boards."""
    grid = grid_of(boards)
    values, heights = _with_gaps(grid)
    n_rows, n_columns = values.shape
    figure = Figure(figsize=(3.4 + 0.62 * n_columns, 1.7 + 0.3 * n_rows), layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.add_subplot()
    axes.set_facecolor(_NOT_RUN)
    image = axes.imshow(values, cmap="cividis", vmin=0, vmax=1, aspect="auto")
    for row, column in zip(*np.nonzero(np.isfinite(values)), strict=True):
        value = values[row, column]
        color = "black" if value > _LIGHT else "white"
        text = f"{value:.2f}".replace("-0.00", "0.00")
        axes.text(column, row, text, ha="center", va="center", color=color, fontsize=8)
    _label_rows(axes, grid, heights)
    _label_columns(axes, grid)
    bar = figure.colorbar(image, ax=axes, shrink=min(1, 5 / n_rows + 0.3), pad=0.02)
    bar.set_label("pattern-found score", fontsize=9)
    bar.set_ticks([0, 1], labels=["0 (chance)", "1 (ceiling)"])
    figure.supxlabel("patterns, the hidden ones in bold; grey: not run", fontsize=9)
    stream = BytesIO()
    figure.savefig(stream, dpi=150)
    write_bytes(path, stream.getvalue())


def _with_gaps(grid: Grid) -> tuple[Float[np.ndarray, "n m"], list[int]]:
    """The values with an empty line above each track but the first, and the line of each row."""
    lines: list[Float[np.ndarray, " m"]] = []
    heights = []
    for at, row in enumerate(grid.rows):
        if at and row.uses != grid.rows[at - 1].uses:
            lines.append(np.full(len(grid.columns), np.nan))
        heights.append(len(lines))
        lines.append(grid.values[at])
    return np.array(lines), heights


def _label_rows(axes: Axes, grid: Grid, heights: Sequence[int]) -> None:
    axes.set_yticks(heights, [row.name for row in grid.rows])
    for at, height in enumerate(heights):
        uses = grid.rows[at].uses
        if at and uses != grid.rows[at - 1].uses:
            axes.axhspan(height - 1.5, height - 0.5, color="white", zorder=2)
            title = f"methods that use {', '.join(uses)}".replace("_", " ")
            axes.text(-0.45, height - 1, title, va="center", fontsize=9, style="italic", zorder=3)


def _label_columns(axes: Axes, grid: Grid) -> None:
    axes.tick_params(length=0)
    axes.spines[:].set_visible(False)
    patterns = [pattern for _, pattern in grid.columns]
    axes.set_xticks(range(len(patterns)), patterns, rotation=45, ha="right", rotation_mode="anchor")
    for label, is_hidden in zip(axes.get_xticklabels(), grid.hidden, strict=True):
        label.set_fontweight("bold" if is_hidden else "normal")
    benchmarks = [name for name, _ in grid.columns]
    for name in dict.fromkeys(benchmarks):
        first, n = benchmarks.index(name), benchmarks.count(name)
        axes.text(first - 0.4, -0.62, name, rotation=20, ha="left", va="bottom", fontsize=9)
        if first:
            axes.axvline(first - 0.5, color="white", linewidth=5)
        axes.axvline(first + n - 0.5, color="white", linewidth=5)
