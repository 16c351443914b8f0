"""A picture of which patterns each method finds."""

from collections.abc import Sequence
from io import BytesIO
from pathlib import Path
from statistics import mean
from typing import NamedTuple

import numpy as np
from jaxtyping import Float
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from data_gen.errors import UsageError
from dgbench.report.boards import Board, Entry
from dgbench.results.folder import write_bytes

_LIGHT = 0.55
"""Pattern-found score from which the colour map is light and needs dark text."""


class Grid(NamedTuple):
    """Pattern-found scores of entries (rows) for the patterns of benchmarks (columns)."""

    names: list[str]
    """Of the entries, best first: by their mean HPS over the benchmarks that they were run on."""
    columns: list[tuple[str, str]]
    """Benchmark and pattern."""
    hidden: list[bool]
    """Which columns are hidden patterns."""
    values: Float[np.ndarray, "n m"]
    """NaN where an entry was not run."""


def grid_of(boards: Sequence[Board]) -> Grid:
    """The scores of all boards that have any; UsageError where none has."""
    boards = [board for board in boards if board.reference is not None and board.spec.hidden]
    found: dict[str, dict[tuple[str, str], float]] = {}
    hps: dict[str, list[float]] = {}
    for board in boards:
        for entry in board.entries:
            if entry.scores:
                found.setdefault(entry.name, {}).update(_row(board.spec.id, entry))
                hps.setdefault(entry.name, []).append(entry.mean("hps") or 0.0)
    if not found:
        raise UsageError("No run has pattern-found scores, so there is nothing to draw.")
    specs = {board.spec.id: board.spec for board in boards}
    columns = [(name, pattern) for name, spec in specs.items() for pattern in spec.entries]
    names = sorted(found, key=lambda name: -mean(hps[name]))
    return Grid(
        names=names,
        columns=columns,
        hidden=[pattern in specs[name].hidden for name, pattern in columns],
        values=np.array([[found[name].get(at, np.nan) for at in columns] for name in names]),
    )


def _row(benchmark: str, entry: Entry) -> dict[tuple[str, str], float]:
    each = [found.pattern_found for found in entry.scores if found.pattern_found is not None]
    return {(benchmark, pattern): mean(of[pattern] for of in each) for pattern in each[0]}


def save_heat_map(boards: Sequence[Board], path: Path) -> None:
    """Draw the grid of the boards."""
    grid = grid_of(boards)
    n_rows, n_columns = grid.values.shape
    figure = Figure(figsize=(3.4 + 0.62 * n_columns, 1.7 + 0.3 * n_rows), layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.add_subplot()
    axes.set_facecolor("#e8e8e8")
    image = axes.imshow(grid.values, cmap="cividis", vmin=0, vmax=1, aspect="auto")
    for row, column in zip(*np.nonzero(np.isfinite(grid.values)), strict=True):
        value = grid.values[row, column]
        color = "black" if value > _LIGHT else "white"
        text = f"{value:.2f}".replace("-0.00", "0.00")
        axes.text(column, row, text, ha="center", va="center", color=color, fontsize=8)
    _label(axes, grid)
    bar = figure.colorbar(image, ax=axes, shrink=min(1, 5 / n_rows + 0.3), pad=0.02)
    bar.set_label("pattern-found score", fontsize=9)
    bar.set_ticks([0, 1], labels=["0 (chance)", "1 (ceiling)"])
    figure.supxlabel("patterns, the hidden ones in bold; grey: not run", fontsize=9)
    stream = BytesIO()
    figure.savefig(stream, dpi=150)
    write_bytes(path, stream.getvalue())


def _label(axes: Axes, grid: Grid) -> None:
    axes.tick_params(length=0)
    axes.spines[:].set_visible(False)
    axes.set_yticks(range(len(grid.names)), grid.names)
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
