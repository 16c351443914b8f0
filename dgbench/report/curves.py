"""How the score of a method hangs on each hyper-parameter, over the trials of a sweep."""

from collections.abc import Sequence

from dgbench.report.boards import Board
from dgbench.report.columns import columns, value
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

_LOG_RATIO = 20
"""Values that differ by so much are drawn on a logarithmic axis."""


def sweep_curves(board: Board) -> list[str]:
    """One drawing a method and hyper-parameter that differs between its trials."""
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
    """What the drawings show."""
    return (
        "Points: means over seeds, one a trial, drawn against one hyper-parameter while the others "
        "differ too. Lines: from the lowest to the highest seed. Large: chosen by "
        f"{board.selection}."
    )


def _varied(trials: Sequence[Entry]) -> list[str]:
    """The hyper-parameters that are numbers and not the same in all trials."""
    first = trials[0].configuration.hyper_parameters
    found = []
    for name in first:
        values = [trial.configuration.hyper_parameters.get(name) for trial in trials]
        is_number = all(type(each) in (int, float) for each in values)
        if is_number and len(set(values)) > 1:
            found.append(name)
    return found


def _curve(board: Board, method: str, name: str, trials: Sequence[Entry]) -> str | None:
    column = columns(board)[0]
    found = [
        (float(trial.configuration.hyper_parameters[name]), mean, trial)
        for trial in trials
        if (mean := value(trial, column)) is not None
    ]
    if len({x for x, _, _ in found}) < 2:
        return None
    found.sort(key=lambda each: each[0])
    xs = [x for x, _, _ in found]
    is_log = min(xs) > 0 and max(xs) >= _LOG_RATIO * min(xs)
    scale = spanning(xs, 48, WIDTH - 14, is_log=is_log)
    each = [
        column.factor * score
        for *_, trial in found
        for of in trial.scores
        if (score := column.pick(of)) is not None
    ]
    up = spanning([0.0, *each], 190, 26)
    label = f"{name} (log)" if is_log else name
    parts = [
        *horizontal_axis(scale, 26, 190, label),
        *vertical_axis(up, 48, WIDTH - 14, column.title),
    ]
    path = " ".join(f"{scale(x):.1f},{up(mean):.1f}" for x, mean, _ in found)
    parts.append(f'<polyline class="front" points="{path}"/>')
    chosen = {entry.configuration.digest for entry in board.entries if entry.scores}
    for x, mean, trial in found:
        ends = [
            column.factor * score for of in trial.scores if (score := column.pick(of)) is not None
        ]
        parts.append(line(scale(x), up(min(ends)), scale(x), up(max(ends)), "interval"))
        kind = "dot best" if trial.configuration.digest in chosen else "dot"
        title = f"trial {trial.trial}, {name}={short(x)}: {mean:.3f}"
        parts.append(dot(scale(x), up(mean), kind, title, 6 if kind == "dot best" else 4))
    return figure(parts, 230, f"{method}: {name}")
