"""Figures of a board: tiers, scores against retention and cost, accuracy by domain."""

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

import numpy as np

from dgbench.metrics.intervals import Interval
from dgbench.report.boards import Board
from dgbench.report.columns import headline
from dgbench.report.entries import Entry
from dgbench.report.svg import (
    WIDTH,
    Scale,
    box,
    dot,
    figure,
    horizontal_axis,
    line,
    spanning,
    text,
    vertical_axis,
)
from dgbench.standings.limits import RETAINED

_ROW = 20.0
_LABELS = 174.0
"""Width of the column with names."""
_LETTERS = 23
_BAR = 7.0
"""Width that the bars of tiers take."""
_LETTER = 7.2
"""Approximate width of a letter of a name."""
_LEAST_SHOWN = 0.8
"""ID retention below which a method is named, not drawn, because the others would be squeezed."""
_FRONT = "The line joins the methods that no other one beats in both."
_OFF_FRONT = ("gave-up", "yardstick")
"""Standings of entries that are on no frontier."""


class Point(NamedTuple):
    """A method in a plot of two numbers."""

    name: str
    x: float
    y: float
    may_lead: bool = True
    """Whether it may be on the frontier."""


def tiers(board: Board) -> str:
    """Draw scores with intervals, and bars that join the entries of a tier."""
    title, factor = headline(board).title, board.score.factor
    shown = [entry for entry in _competitors(board) if entry.headline.estimate is not None]
    bars = _bars(shown)
    right = WIDTH - 10 - _BAR * bool(bars)
    bottom = 18 + _ROW * len(shown)
    measured = [(entry, factor * (entry.headline.estimate or 0.0)) for entry in shown]
    ends = [end for entry, mean in measured for end in (mean, *_ends(entry))]
    yardsticks = _yardsticks(board)
    scale = spanning([0.0, *ends, *yardsticks.values()], _LABELS, right)
    parts = horizontal_axis(scale, 12, bottom, title)
    parts += [line(scale(y), 12, scale(y), bottom, "limit") for y in yardsticks.values()]
    for index, (entry, mean) in enumerate(measured):
        y = 24 + _ROW * index
        parts.append(text(_LABELS - 8, y + 4, _short(entry.name), anchor="end"))
        if interval := _ends(entry):
            parts.append(line(scale(interval[0]), y, scale(interval[-1]), y, "interval"))
        parts.append(dot(scale(mean), y, "dot", f"{entry.name}: {mean:.3f}"))
    for first, last in bars:
        x = right + 10
        parts.append(line(x, 24 + _ROW * first - 5, x, 24 + _ROW * last + 5, "tie"))
    caption = f"Points: means; lines: 95 % intervals over {board.sample}."
    if bars:
        caption += " A bar on the right joins the methods of a tier."
    caption += _about_yardsticks(yardsticks)
    return figure(parts, bottom + 40, f"{title} and its tiers", caption)


def _competitors(board: Board) -> list[Entry]:
    return [entry for entry in board.entries if entry.standing != "yardstick"]


def _yardsticks(board: Board) -> dict[str, float]:
    """The scores of the yardsticks, in the unit of the score, by name."""
    return {
        entry.name: board.score.factor * estimate
        for entry in board.entries
        if entry.standing == "yardstick" and (estimate := entry.headline.estimate) is not None
    }


def _about_yardsticks(yardsticks: Mapping[str, float]) -> str:
    if not yardsticks:
        return ""
    listed = ", ".join(f"{name} ({score:.3g})" for name, score in yardsticks.items())
    return f" Dashed lines of the score: the yardsticks {listed}."


def _ends(entry: Entry) -> tuple[float, ...]:
    """Return both ends of the interval in the unit of the score, or nothing without an interval."""
    headline = entry.headline
    return tuple(headline.factor * end for end in (headline.low, headline.high) if end is not None)


def _bars(entries: Sequence[Entry]) -> list[tuple[int, int]]:
    """Return the first and last entry of every tier that has several."""
    by_tier: dict[int, list[int]] = {}
    for index, entry in enumerate(entries):
        if entry.tier is not None:
            by_tier.setdefault(entry.tier, []).append(index)
    return [(members[0], members[-1]) for members in by_tier.values() if len(members) > 1]


def against_retention(board: Board) -> str | None:
    """Plot the score against ID retention, or return None if the benchmark has no retention."""
    points = _points(board, lambda entry: entry.retention)
    shown = [point for point in points if point.x >= _LEAST_SHOWN]
    if not shown or board.reference is None:
        return None
    scale = spanning([*(point.x for point in shown), 1.0, RETAINED], 48, WIDTH - 14)
    caption = f"Dashed: retention of {RETAINED}. {_FRONT}"
    outside = [f"{point.name} ({point.x:.2f})" for point in points if point not in shown]
    if outside:
        caption += f" Further left, and not drawn: {', '.join(outside)}."
    return _scatter(
        shown,
        scale,
        y_label=headline(board).title,
        x_label="ID retention R",
        is_less_better=False,
        title="What is found against what is kept",
        caption=caption,
        marks=[line(scale(RETAINED), 26, scale(RETAINED), 270, "limit")],
        yardsticks=_yardsticks(board),
    )


def against_cost(board: Board) -> str | None:
    """Plot the score against training time, or return None if no cost was measured."""
    points = _points(board, lambda entry: _mean(entry.training_seconds))
    points = [point for point in points if point.x > 0]
    if not points:
        return None
    scale = spanning([point.x for point in points], 48, WIDTH - 14, is_log=True)
    return _scatter(
        points,
        scale,
        y_label=headline(board).title,
        x_label="training seconds of a run (log)",
        is_less_better=True,
        title="What is found against what it costs",
        caption=f"As measured on the machines that trained, which may differ. {_FRONT}",
        marks=[],
        yardsticks=_yardsticks(board),
    )


def _mean(values: Sequence[float]) -> float | None:
    return sum(values) / len(values) if values else None


def _points(board: Board, pick: Callable[[Entry], float | None]) -> list[Point]:
    factor = board.score.factor
    return [
        Point(entry.name, x, factor * y, entry.standing not in _OFF_FRONT)
        for entry in _competitors(board)
        if (x := pick(entry)) is not None and (y := entry.headline.estimate) is not None
    ]


def _scatter(
    points: Sequence[Point],
    scale: Scale,
    *,
    y_label: str,
    x_label: str,
    is_less_better: bool,
    title: str,
    caption: str,
    marks: Sequence[str],
    yardsticks: Mapping[str, float],
) -> str:
    up = spanning([0.0, *(point.y for point in points), *yardsticks.values()], 270, 26)
    parts = [*horizontal_axis(scale, 26, 270, x_label), *vertical_axis(up, 48, WIDTH - 14, y_label)]
    parts += marks
    parts += [line(48, up(y), WIDTH - 14, up(y), "limit") for y in yardsticks.values()]
    front = _front(points, is_less_better=is_less_better)
    path = " ".join(f"{scale(point.x):.1f},{up(point.y):.1f}" for point in front)
    parts.append(f'<polyline class="front" points="{path}"/>')
    for point in points:
        kind = "dot best" if point in front else "dot"
        parts.append(dot(scale(point.x), up(point.y), kind, f"{point.name}: {point.y:.3f}"))
    parts += _names(front, points, scale, up)
    return figure(parts, 310, title, caption + _about_yardsticks(yardsticks))


def _front(points: Sequence[Point], *, is_less_better: bool) -> list[Point]:
    """Return the points that no other point beats in both numbers, from left to right."""
    sign = -1 if is_less_better else 1
    leading = [point for point in points if point.may_lead]
    return sorted(
        {
            mine
            for mine in leading
            if not any(
                sign * other.x >= sign * mine.x
                and other.y >= mine.y
                and (other.x, other.y) != (mine.x, mine.y)
                for other in leading
            )
        },
        key=lambda point: (point.x, point.y),
    )


def _names(front: Sequence[Point], points: Sequence[Point], scale: Scale, up: Scale) -> list[str]:
    """Place names beside the points of the front, the highest first, without overlaps."""
    taken = [(scale(plotted.x) - 4, scale(plotted.x) + 4, up(plotted.y)) for plotted in points]
    parts = []
    for point in sorted(front, key=lambda point: -point.y):
        x, y, name = scale(point.x), up(point.y), _short(point.name)
        width = _LETTER * len(name)
        for anchor, left in (("start", x + 8), ("end", x - 8 - width)):
            is_inside = left >= 48 and left + width <= WIDTH - 4
            if is_inside and not any(
                low < left + width and left < high and abs(y - other) < 10
                for low, high, other in taken
            ):
                taken.append((left, left + width, y))
                edge = left if anchor == "start" else left + width
                parts.append(text(edge, y + 4, name, anchor=anchor, kind="name"))
                break
    return parts


def domains(entry: Entry, intervals: dict[str, Interval | None], chance: float) -> str:
    """Draw a bar for each test domain."""
    names = list(entry.scores[0].accuracy)
    bottom = 6 + _ROW * len(names)
    scale = Scale(0, 100, _LABELS, WIDTH - 52)
    parts = horizontal_axis(scale, 4, bottom, "accuracy in %")
    for row, name in enumerate(names):
        y = 14 + _ROW * row
        mean = 100 * float(
            np.mean([scores_of_seed.accuracy[name] for scores_of_seed in entry.scores])
        )
        parts.append(text(_LABELS - 8, y + 4, _short(name), anchor="end"))
        parts.append(box(_LABELS, y - 6, scale(mean) - _LABELS, 12, "bar"))
        interval = intervals.get(name)
        if interval is not None:
            ends = [min(max(100 * end, 0), 100) for end in (interval.low, interval.high)]
            parts.append(line(scale(ends[0]), y, scale(ends[1]), y, "interval"))
        parts.append(text(WIDTH - 4, y + 4, f"{mean:.1f}", anchor="end"))
    parts.append(line(scale(100 * chance), 4, scale(100 * chance), bottom, "limit"))
    n = len(entry.seeds)
    caption = f"{n} seed{'s' if n > 1 else ''}; dashed: chance."
    return figure(parts, bottom + 38, entry.name, caption)


def _short(name: str) -> str:
    return name if len(name) <= _LETTERS else f"{name[: _LETTERS - 1]}…"
