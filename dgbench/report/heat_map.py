"""A heat map of the patterns that each method finds."""

from collections.abc import Sequence
from io import BytesIO
from pathlib import Path

import numpy as np
from jaxtyping import Float
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from data_gen.foundation.files import write_whole
from dgbench.report.boards import Board
from dgbench.report.grid import ScoreGrid, grid_of
from dgbench.standings.number_format import digits

_NOT_RUN = "#e8e8e8"
_LIGHT = 0.55
"""Score from which the colour map is light and needs dark text."""


def save_heat_map(boards: Sequence[Board], path: Path) -> None:
    """Draw the grid of the boards into an image file."""
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
        text = digits(2)(value)
        axes.text(column, row, text, ha="center", va="center", color=color, fontsize=8)
    _label_rows(axes, grid, heights)
    _label_columns(axes, grid)
    bar = figure.colorbar(image, ax=axes, shrink=min(1, 5 / n_rows + 0.3), pad=0.02)
    bar.set_label("F: found, T: trusted", fontsize=9)
    bar.set_ticks([0, 1], labels=["0 (chance)", "1 (ceiling)"])
    figure.supxlabel("patterns, the hidden ones in bold; grey: not run", fontsize=9)
    stream = BytesIO()
    figure.savefig(stream, dpi=150)
    write_whole(path, stream.getvalue())


def _with_gaps(grid: ScoreGrid) -> tuple[Float[np.ndarray, "n m"], list[int]]:
    """Insert an empty line above each part but the first, and return the line of each row."""
    lines: list[Float[np.ndarray, " m"]] = []
    heights = []
    for index, row in enumerate(grid.rows):
        if index and row.part != grid.rows[index - 1].part:
            lines.append(np.full(len(grid.columns), np.nan))
        heights.append(len(lines))
        lines.append(grid.values[index])
    return np.array(lines), heights


def _label_rows(axes: Axes, grid: ScoreGrid, heights: Sequence[int]) -> None:
    axes.set_yticks(heights, [row.name for row in grid.rows])
    for index, height in enumerate(heights):
        part = grid.rows[index].part
        if index and part != grid.rows[index - 1].part:
            axes.axhspan(height - 1.5, height - 0.5, color="white", zorder=2)
            axes.text(-0.45, height - 1, part, va="center", fontsize=9, style="italic", zorder=3)


def _label_columns(axes: Axes, grid: ScoreGrid) -> None:
    axes.tick_params(length=0)
    axes.spines[:].set_visible(False)
    labels = [column.label for column in grid.columns]
    axes.set_xticks(range(len(labels)), labels, rotation=45, ha="right", rotation_mode="anchor")
    for label, column in zip(axes.get_xticklabels(), grid.columns, strict=True):
        label.set_fontweight("bold" if column.is_hidden else "normal")
    benchmarks = [column.benchmark for column in grid.columns]
    for name in dict.fromkeys(benchmarks):
        first, n = benchmarks.index(name), benchmarks.count(name)
        axes.text(first - 0.4, -0.62, name, rotation=20, ha="left", va="bottom", fontsize=9)
        if first:
            axes.axvline(first - 0.5, color="white", linewidth=5)
        axes.axvline(first + n - 0.5, color="white", linewidth=5)
