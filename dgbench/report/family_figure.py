"""The curves of methods along a family, in one figure: where each of them goes blind."""

from collections.abc import Sequence
from html import escape

from dgbench.report.svg import WIDTH, Scale, dot, figure, line, text
from dgbench.standings.curves import FamilyCurves, MethodCurve
from dgbench.standings.list_tables import threshold_text

_LEFT, _RIGHT, _TOP, _BOTTOM = 36.0, WIDTH - 118.0, 30.0, 270.0
"""Edges of the drawing. Names of methods are on its right."""
_N_COLORS = 8
"""Colours of the page. Further methods are drawn in the same colours again, with dashed lines."""
_LINE_HEIGHT = 13.0
_LETTERS = 17


def family_figure(drawn: FamilyCurves) -> str:
    """Draw all methods as curves over the family's strengths, in equal steps."""
    levels = drawn.family.levels
    across = Scale(0, len(levels) - 1, _LEFT, _RIGHT)
    scores = [p.hps.estimate for curve in drawn.curves for p in curve.points if p.hps is not None]
    up = Scale(min([0.0, *scores]) - 0.04, max([1.0, *scores]) + 0.04, _BOTTOM, _TOP)
    parts = [text(_LEFT, _TOP - 12, "F of the hidden pattern", kind="label")]
    for tick in (0.0, 0.5, 1.0):
        kind = "limit" if tick == drawn.height else "grid"
        parts.append(line(_LEFT, up(tick), _RIGHT, up(tick), kind))
        parts.append(text(_LEFT - 6, up(tick) + 4, f"{tick:g}", anchor="end", kind="tick"))
    for index, level in enumerate(levels):
        x = across(index)
        parts.append(line(x, _TOP, x, _BOTTOM, "grid"))
        parts.append(text(x, _BOTTOM + 15, f"{level:g}", anchor="middle", kind="tick"))
    middle = (_LEFT + _RIGHT) / 2
    parts.append(text(middle, _BOTTOM + 32, drawn.family.axis.title, anchor="middle", kind="label"))
    for index, curve in enumerate(drawn.curves):
        parts += _curve(curve, _kind(index, curve), across, up)
    parts += _names(drawn.curves, across, up)
    caption = (
        f"Points: means over seeds, with 95 % intervals. A method goes blind where its curve "
        f"crosses {drawn.height:g}."
    )
    return figure(parts, _BOTTOM + 42, "Where each method goes blind", caption)


def _curve(curve: MethodCurve, kind: str, across: Scale, up: Scale) -> list[str]:
    parts = []
    segments: list[list[str]] = [[]]
    for index, point in enumerate(curve.points):
        if point.hps is None:
            segments.append([])
            continue
        x, y = across(index), up(point.hps.estimate)
        segments[-1].append(f"{x:.1f},{y:.1f}")
        if point.hps.low is not None and point.hps.high is not None:
            low, high = (min(max(end, up.low), up.high) for end in (point.hps.low, point.hps.high))
            parts.append(line(x, up(low), x, up(high), f"spread {kind}"))
        title = f"{curve.name} at {point.level:g}: {point.hps.estimate:.3f}"
        parts.append(dot(x, y, f"mark {kind}", title, 2.6))
    title = f"{curve.name}: {threshold_text(curve)}"
    lines = [
        f'<polyline class="curve {kind}" points="{" ".join(segment)}"><title>{escape(title)}'
        "</title></polyline>"
        for segment in segments
        if len(segment) > 1
    ]
    return [*lines, *parts]


def _names(curves: Sequence[MethodCurve], across: Scale, up: Scale) -> list[str]:
    """Write the names beside the last points, pushed apart where they would overlap."""
    ends = sorted(
        (up(last.hps.estimate), index)
        for index, curve in enumerate(curves)
        if (last := curve.points[-1]).hps is not None
    )
    places = _apart([y for y, _ in ends])
    parts = []
    for place, (y, index) in zip(places, ends, strict=True):
        curve = curves[index]
        kind = _kind(index, curve)
        parts.append(line(across.end + 4, y, across.end + 12, place, f"lead {kind}"))
        name = curve.name if len(curve.name) <= _LETTERS else f"{curve.name[: _LETTERS - 1]}…"
        parts.append(text(across.end + 15, place + 4, name, kind=f"name {kind}"))
    return parts


def _apart(ends: Sequence[float]) -> list[float]:
    """Move ascending places apart by the height of a line, and up where they reach the bottom."""
    places: list[float] = []
    for y in ends:
        places.append(max(y, places[-1] + _LINE_HEIGHT) if places else max(y, _TOP))
    excess = max(0.0, places[-1] - (_BOTTOM + 4)) if places else 0.0
    floor = _BOTTOM + 4
    if excess:
        for index in range(len(places) - 1, -1, -1):
            places[index] = min(places[index], floor)
            floor = places[index] - _LINE_HEIGHT
    return places


def _kind(index: int, curve: MethodCurve) -> str:
    if curve.is_yardstick:
        return "yardstick"
    return f"c{index % _N_COLORS}" + (" again" if index >= _N_COLORS else "")
