"""Small drawings within a cell: a score with its whisker, a shade, who made a method."""

from collections.abc import Sequence
from typing import NamedTuple

from dgbench.standings.number_format import NONE, digits, interval
from leaderboard.records import Row
from leaderboard.web.tags import Html, joined, outside_link, tag

_WIDTH, _HEIGHT = 108, 14
_MOST_NAMED = 2
"""Authors who are named before it says `et al.`."""


class Line(NamedTuple):
    """A yardstick, drawn as a line behind every score."""

    name: str
    score: float


def whisker(
    value: float, low: float | None, high: float | None, yardsticks: Sequence[Line] = ()
) -> Html:
    """Draw a score from 0 to 1 as a bar with its interval, and yardsticks as lines."""
    middle = _HEIGHT / 2
    parts = [
        tag("rect", class_="track", x=0, y=middle - 2.5, width=_WIDTH, height=5, rx=2),
        tag("rect", class_="bar", x=0, y=middle - 2.5, width=_place(value), height=5, rx=2),
    ]
    for name, score in yardsticks:
        x = _place(score)
        told = tag("title", f"{name} {digits(2)(score)}")
        parts.append(tag("line", told, class_="yard", x1=x, x2=x, y1=0, y2=_HEIGHT))
    if low is not None and high is not None:
        span = {"x1": _place(low), "x2": _place(high), "y1": middle, "y2": middle}
        parts.append(tag("line", class_="span", **span))
    parts.append(tag("circle", class_="dot", cx=_place(value), cy=middle, r=2.6))
    return tag("svg", *parts, class_="whisker", width=_WIDTH, height=_HEIGHT, aria_hidden="true")


def _place(value: float) -> float:
    return round(_WIDTH * min(max(value, 0.0), 1.0), 1)


def lead_line(value: float, low: float, high: float, *, reach: float) -> Html:
    """Draw a difference from -reach to reach with its interval, and a line at 0."""
    middle = _HEIGHT / 2

    def place(lead: float) -> float:
        return round(_WIDTH / 2 * (1 + min(max(lead / reach, -1.0), 1.0)), 1)

    parts = (
        tag("rect", class_="track", x=0, y=middle - 2.5, width=_WIDTH, height=5, rx=2),
        tag("line", class_="zero", x1=_WIDTH / 2, x2=_WIDTH / 2, y1=0, y2=_HEIGHT),
        tag("line", class_="span", x1=place(low), x2=place(high), y1=middle, y2=middle),
        tag("circle", class_="dot", cx=place(value), cy=middle, r=2.8),
    )
    return tag("svg", *parts, class_="lead-line", width=_WIDTH, height=_HEIGHT, aria_hidden="true")


def heat(
    value: float | None,
    *content: str,
    title: str = "",
    first: bool = False,
    is_aside: bool = False,
    element: str = "td",
) -> Html:
    """Draw a cell whose blue grows with a share from 0 to 1. What is aside is not ranked."""
    if value is None:
        return tag(element, NONE, class_="gap", title=title or None)
    share = min(max(value, 0.0), 1.0)
    return tag(
        element,
        *(content or (digits(2)(value),)),
        class_="heat first" if first else "heat unranked" if is_aside else "heat",
        style=f"--share: {5 + 95 * share:.0f}%",
        title=title or None,
    )


def score_text(value: float | None, low: float | None, high: float | None) -> str:
    """Write a score with its interval in words, for a tooltip."""
    if value is None:
        return ""
    within = interval(low, high)
    return digits(3)(value) + (f", 95 % interval {within}" if within else "")


def by_line(row: Row) -> Html:
    """Write who made a method and when, with links to its paper and code."""
    names = [name.rpartition(" ")[2] for name in row.credited]
    who = " and ".join(names) if len(names) <= _MOST_NAMED else f"{names[0]} et al."
    year = str(row.paper.year or "") if row.paper else ""
    label = " ".join(filter(None, (who, year)))
    title = row.paper.title if row.paper else ""
    parts: list[str] = []
    if label:
        parts.append(outside_link(label, row.paper_link, title=title))
    elif row.paper_link:
        parts.append(outside_link("paper", row.paper_link, title=title))
    if row.code_link:
        parts.append(outside_link("code", row.code_link, class_="out"))
    return joined(parts)


def chip(text: str, title: str, *, warns: bool = False) -> Html:
    """Draw a mark beside a name."""
    return tag("span", text, class_="chip warn" if warns else "chip", title=title)
