"""Charts of frames that `leaderboard.views` makes."""

import altair as alt
import pandas as pd

from leaderboard.appearance import BLUE


def intervals(scores: pd.DataFrame, *, title: str) -> alt.LayerChart:
    """A dot and its 95 % interval a method, the best on top."""
    base = alt.Chart(scores).encode(
        y=alt.Y("method:N", sort=None, title=None, axis=alt.Axis(labelLimit=180)),
        tooltip=[
            alt.Tooltip("method:N", title="Method"),
            alt.Tooltip("score:Q", title=title, format=".3f"),
            alt.Tooltip("low:Q", title="from", format=".3f"),
            alt.Tooltip("high:Q", title="to", format=".3f"),
        ],
    )
    scale = alt.Scale(domain=[min(0.0, scores["low"].min()), max(1.0, scores["high"].max())])
    lines = base.mark_rule(color=BLUE, strokeWidth=2).encode(
        x=alt.X("low:Q", scale=scale, title=title), x2="high:Q"
    )
    dots = base.mark_point(color=BLUE, filled=True, size=60, opacity=1).encode(
        x=alt.X("score:Q", scale=scale, title=title)
    )
    return (lines + dots).properties(height=alt.Step(20))


def timeline(scores: pd.DataFrame, *, color: str) -> alt.LayerChart:
    """Scores with their intervals over time, a colour each method or benchmark."""
    base = alt.Chart(scores).encode(
        x=alt.X("time:T", title=None),
        color=alt.Color(f"{color}:N", title=None, legend=alt.Legend(orient="bottom")),
        tooltip=[
            alt.Tooltip("time:T", title="Submitted", format="%Y-%m-%d %H:%M"),
            alt.Tooltip("method:N", title="Method"),
            alt.Tooltip("benchmark:N", title="Benchmark"),
            alt.Tooltip("score:Q", title="Score", format=".3f"),
        ],
    )
    lines = base.mark_rule(strokeWidth=1.5).encode(y=alt.Y("low:Q", title="Score"), y2="high:Q")
    dots = base.mark_point(filled=True, size=60, opacity=1).encode(y="score:Q")
    return (lines + dots).properties(height=320)
