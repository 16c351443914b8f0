"""Charts of the frames that `board_table` and `submission_frames` make."""

from collections.abc import Sequence

import altair as alt
import pandas as pd

from leaderboard.web.submission_frames import labels
from leaderboard.web.theme import BLUE, CATEGORIES, DEEP, FLIPS, GREY

_HEAT = alt.Scale(domain=[0, 1], range=[0.06, 0.92], clamp=True)
_ROW = 22


def intervals(
    scores: pd.DataFrame, *, title: str, yardsticks: pd.DataFrame | None = None
) -> alt.LayerChart:
    """Draw a dot and an interval for each method, the best on top, and yardsticks as lines."""
    base = alt.Chart(scores).encode(
        y=alt.Y(
            "method:N",
            sort=None,
            title=None,
            axis=alt.Axis(labelLimit=180, labelOverlap=False, labelFlush=False),
        ),
        tooltip=[
            alt.Tooltip("method:N", title="Method"),
            alt.Tooltip("score:Q", title=title, format=".3f"),
            alt.Tooltip("low:Q", title="from", format=".3f"),
            alt.Tooltip("high:Q", title="to", format=".3f"),
        ],
    )
    ends = scores[["score", "low", "high"]]
    scale = alt.Scale(domain=[min(0.0, ends.min().min()), max(1.0, ends.max().max())])
    lines = base.mark_rule(color=BLUE, strokeWidth=2).encode(
        x=alt.X("low:Q", scale=scale, title=title), x2="high:Q"
    )
    dots = base.mark_point(color=BLUE, filled=True, size=60, opacity=1).encode(
        x=alt.X("score:Q", scale=scale, title=title)
    )
    drawn = lines + dots
    if yardsticks is not None and not yardsticks.empty:
        rules = alt.Chart(yardsticks).mark_rule(color=GREY, strokeDash=[4, 3])
        tooltip = [
            alt.Tooltip("method:N", title="Yardstick"),
            alt.Tooltip("score:Q", title=title, format=".3f"),
        ]
        drawn = rules.encode(x=alt.X("score:Q", scale=scale, title=title), tooltip=tooltip) + drawn
    return drawn.properties(height=_ROW * len(scores) + 40)


def heat(
    frame: pd.DataFrame,
    *,
    x: str,
    y: str,
    value: str,
    titles: tuple[str, str, str],
    ink: str,
    step: int = 56,
) -> alt.LayerChart:
    """Draw shares from 0 to 1 as a heat map, bluer for more, with the number in each cell."""
    base = alt.Chart(frame).encode(
        x=alt.X(f"{x}:N", sort=None, title=titles[0], axis=alt.Axis(labelAngle=0)),
        y=alt.Y(
            f"{y}:N",
            sort=None,
            title=titles[1],
            axis=alt.Axis(labelLimit=160, labelOverlap=False, labelFlush=False),
        ),
        tooltip=[
            alt.Tooltip(f"{y}:N", title=titles[1]),
            alt.Tooltip(f"{x}:N", title=titles[0]),
            alt.Tooltip(f"{value}:Q", title=titles[2], format=".2%"),
        ],
    )
    cells = base.mark_rect(color=DEEP).encode(
        opacity=alt.Opacity(f"{value}:Q", scale=_HEAT, legend=None)
    )
    texts = base.mark_text(fontSize=11 if step > 40 else 10).encode(
        text=alt.Text(f"{value}:Q", format=".0%" if step < 50 else ".1%"),
        color=alt.condition(f"datum.{value} > {FLIPS}", alt.value("#fff"), alt.value(ink)),
    )
    n_x, n_y = frame[x].nunique(), frame[y].nunique()
    height = max(_ROW, min(step, 30)) * n_y + 60
    return (cells + texts).properties(width=step * n_x, height=height)


def bars(frame: pd.DataFrame, *, label: str, value: str, title: str) -> alt.LayerChart:
    """Draw shares as bars with their numbers."""
    base = alt.Chart(frame).encode(
        y=alt.Y(f"{label}:N", sort=None, title=None, axis=alt.Axis(labelFlush=False)),
        x=alt.X(
            f"{value}:Q",
            title=title,
            scale=alt.Scale(domain=[0, 1]),
            axis=alt.Axis(format="%", tickCount=5),
        ),
        tooltip=[alt.Tooltip(f"{label}:N"), alt.Tooltip(f"{value}:Q", format=".1%")],
    )
    drawn = base.mark_bar(color=BLUE, size=16)
    texts = base.mark_text(align="left", dx=5, color=GREY).encode(
        text=alt.Text(f"{value}:Q", format=".1%")
    )
    return (drawn + texts).properties(height=30 * len(frame) + 50)


def _time(scores: pd.DataFrame) -> alt.X:
    """Make the axis of submission times, with steps that stay readable however close they are."""
    span = scores["time"].max() - scores["time"].min()
    form = "%H:%M:%S" if span < pd.Timedelta(minutes=10) else "%H:%M"
    if span > pd.Timedelta(days=2) or span == pd.Timedelta(0):
        form = "%Y-%m-%d"
    day = "" if form == "%Y-%m-%d" else f" on {scores['time'].max():%Y-%m-%d}"
    return alt.X(
        "time:T",
        title=f"submitted{day}, UTC",
        scale=alt.Scale(type="utc", nice=False, padding=20),
        axis=alt.Axis(format=form, tickCount=6, labelOverlap=True),
    )


def curves(
    frame: pd.DataFrame, *, levels: Sequence[str], title: str, height: float
) -> alt.LayerChart:
    """Draw the score of each method over the strengths of a family, in equal steps.

    A method has a row for each strength, with a score that is missing where it was not run.
    """
    methods = list(dict.fromkeys(frame["method"]))
    base = alt.Chart(frame).encode(
        x=alt.X(
            "level:O",
            sort=list(levels),
            title=title,
            axis=alt.Axis(labelAngle=0),
            scale=alt.Scale(type="point", padding=0.25),
        ),
        color=alt.Color(
            "method:N",
            sort=methods,
            title=None,
            scale=_colors(methods),
            legend=alt.Legend(symbolType="stroke", symbolSize=300, symbolOpacity=1),
        ),
        tooltip=[
            alt.Tooltip("method:N", title="Method"),
            alt.Tooltip("level:O", title="Strength"),
            alt.Tooltip("score:Q", title="F", format=".3f"),
            alt.Tooltip("low:Q", title="from", format=".3f"),
            alt.Tooltip("high:Q", title="to", format=".3f"),
        ],
    )
    ends = frame[["score", "low", "high"]]
    scale = alt.Scale(domain=[min(0.0, ends.min().min()), max(1.0, ends.max().max())])
    y = alt.Y("score:Q", title="F of the hidden pattern", scale=scale)
    spans = base.mark_rule(opacity=0.5).encode(y=alt.Y("low:Q", scale=scale), y2="high:Q")
    dash = alt.StrokeDash("method:N", sort=methods, title=None, scale=_dashes(methods))
    steps = base.mark_line(strokeWidth=2).encode(y=y, strokeDash=dash)
    dots = base.mark_point(filled=True, size=40, opacity=1).encode(y=y)
    limit = alt.Chart(pd.DataFrame({"height": [height]})).mark_rule(color=GREY, strokeDash=[5, 4])
    return (limit.encode(y="height:Q") + spans + steps + dots).properties(height=400)


def _colors(methods: Sequence[str]) -> alt.Scale:
    """Choose colours for any number of methods: the same ones again, with other dashes."""
    colors = [CATEGORIES[n % len(CATEGORIES)] for n in range(len(methods))]
    return alt.Scale(domain=list(methods), range=colors)


def _dashes(methods: Sequence[str]) -> alt.Scale:
    kinds = ([1, 0], [6, 3], [2, 2], [8, 3, 2, 3])
    dashes = [kinds[n // len(CATEGORIES) % len(kinds)] for n in range(len(methods))]
    return alt.Scale(domain=list(methods), range=dashes)


_SUBMITTED = {"title": "Submitted", "format": "%Y-%m-%d %H:%M"}


def _years() -> alt.X:
    """Make the axis of the years of papers."""
    return alt.X(
        "time:T",
        title="year of the paper",
        scale=alt.Scale(type="utc", nice="year", padding=20),
        axis=alt.Axis(format="%Y", labelOverlap=True),
    )


def best_so_far(
    scores: pd.DataFrame, *, title: str, ink: str, by_paper: bool = False
) -> alt.LayerChart:
    """Draw every score over time, and a line through those that were the best when they came."""
    x = _years() if by_paper else _time(scores)
    when = {"title": "Paper", "format": "%Y"} if by_paper else _SUBMITTED
    base = alt.Chart(scores).encode(
        x=x,
        tooltip=[
            alt.Tooltip("time:T", title=when["title"], format=when["format"]),
            alt.Tooltip("method:N", title="Method"),
            alt.Tooltip("score:Q", title=title, format=".3f"),
        ],
    )
    scores = scores.assign(label=labels(scores, scores["is_best"]))
    best = alt.Chart(scores[scores["is_best"]]).encode(x=x)
    steps = best.mark_line(interpolate="step-after", color=BLUE).encode(y="score:Q")
    spans = base.mark_rule(color=GREY).encode(y=alt.Y("low:Q", title=title), y2="high:Q")
    dots = base.mark_point(filled=True, size=60, opacity=1).encode(
        y=alt.Y("score:Q", title=title),
        color=alt.condition("datum.is_best", alt.value(BLUE), alt.value(GREY)),
    )
    names = best.mark_text(align="left", dx=7, dy=-7, color=ink).encode(y="score:Q", text="label:N")
    return (spans + steps + dots + names).properties(height=380)


def pareto(costs: pd.DataFrame, *, cost: str, title: str, ink: str) -> alt.LayerChart:
    """Draw score against cost on a logarithmic scale, with names and a line for the frontier."""
    base = alt.Chart(costs).encode(
        x=alt.X("cost:Q", title=cost, scale=alt.Scale(type="log", nice=False, padding=30)),
        tooltip=[
            alt.Tooltip("method:N", title="Method"),
            alt.Tooltip("cost:Q", title=cost, format=",.4~g"),
            alt.Tooltip("score:Q", title=title, format=".3f"),
        ],
    )
    spans = base.mark_rule(color=GREY, opacity=0.6).encode(
        y=alt.Y("low:Q", title=title), y2="high:Q"
    )
    dots = base.mark_point(filled=True, size=70, opacity=1).encode(
        y=alt.Y("score:Q", title=title),
        color=alt.condition("datum.frontier", alt.value(BLUE), alt.value(GREY)),
    )
    frontier = base.transform_filter("datum.frontier")
    line = frontier.mark_line(color=BLUE, interpolate="step-after").encode(y="score:Q")
    names = frontier.mark_text(align="left", dx=7, dy=-8, color=ink).encode(
        y="score:Q", text="label:N"
    )
    return (spans + line + dots + names).properties(height=420)
