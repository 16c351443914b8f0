"""Plots of a method's score against each hyper-parameter, over the trials of a sweep."""

from collections.abc import Sequence
from statistics import mean
from typing import NamedTuple

from dgbench.report.boards import Board
from dgbench.report.columns import headline
from dgbench.report.entries import Entry
from dgbench.report.naming import short
from dgbench.report.svg import (
    WIDTH,
    dot,
    figure,
    horizontal_axis,
    line,
    spanning,
    vertical_axis,
)


class _Point(NamedTuple):
    """A trial in a plot."""

    x: float
    """Its value of the hyper-parameter."""
    values: tuple[float, ...]
    """Its score with each seed."""
    trial: Entry

    @property
    def mean(self) -> float:
        """Its score over all seeds."""
        return mean(self.values)


_LOG_RATIO = 20
"""Ratio of the largest to the smallest value from which the axis is logarithmic."""


def sweep_curves(board: Board) -> list[str]:
    """Draw a plot for each method and each hyper-parameter that differs between its trials."""
    by_method: dict[str, list[Entry]] = {}
    for trial in board.trials:
        by_method.setdefault(trial.configuration.method.name, []).append(trial)
    return [
        curve
        for method, trials in sorted(by_method.items())
        for name in _varied(trials)
        if (curve := _curve(board, method, name, trials))
    ]


def about_curves(board: Board) -> str:
    """Describe the plots in a caption."""
    return (
        "Points: means over seeds, one a trial, drawn against one hyper-parameter while the others "
        "differ too. Lines: from the lowest to the highest seed. Large: chosen by "
        f"{board.selection}."
    )


def _varied(trials: Sequence[Entry]) -> list[str]:
    """Return the numeric hyper-parameters that differ between trials."""
    first = trials[0].configuration.hyper_parameters
    varied = []
    for name in first:
        values = [trial.configuration.hyper_parameters.get(name) for trial in trials]
        is_number = all(type(value) in (int, float) for value in values)
        if is_number and len(set(values)) > 1:
            varied.append(name)
    return varied


def _curve(board: Board, method: str, name: str, trials: Sequence[Entry]) -> str | None:
    points = sorted(
        (
            _Point(float(trial.configuration.hyper_parameters[name]), tuple(values), trial)
            for trial in trials
            if (values := board.score.of_all(trial.scores))
        ),
        key=lambda point: point.x,
    )
    xs = [point.x for point in points]
    if len(set(xs)) < 2:
        return None
    is_log = min(xs) > 0 and max(xs) >= _LOG_RATIO * min(xs)
    scale = spanning(xs, 48, WIDTH - 14, is_log=is_log)
    factor = board.score.factor
    up = spanning([0.0, *(factor * value for point in points for value in point.values)], 190, 26)
    label = f"{name} (log)" if is_log else name
    parts = [
        *horizontal_axis(scale, 26, 190, label),
        *vertical_axis(up, 48, WIDTH - 14, headline(board).title),
    ]
    path = " ".join(f"{scale(point.x):.1f},{up(factor * point.mean):.1f}" for point in points)
    parts.append(f'<polyline class="front" points="{path}"/>')
    chosen = {entry.configuration.digest for entry in board.entries if entry.scores}
    for point in points:
        x, y = scale(point.x), up(factor * point.mean)
        low, high = (up(factor * end) for end in (min(point.values), max(point.values)))
        parts.append(line(x, low, x, high, "interval"))
        is_chosen = point.trial.configuration.digest in chosen
        title = f"trial {point.trial.trial}, {name}={short(point.x)}: {factor * point.mean:.3f}"
        parts.append(dot(x, y, "dot best" if is_chosen else "dot", title, 6 if is_chosen else 4))
    return figure(parts, 230, f"{method}: {name}")
