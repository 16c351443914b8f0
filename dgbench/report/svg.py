"""Small SVG drawings that follow the light or dark style of the page around them."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

WIDTH = 440
"""Width of every figure in its own units, so that text stays readable on a telephone."""


@dataclass(frozen=True)
class Scale:
    """A map from values to positions along an axis."""

    low: float
    high: float
    start: float
    end: float
    is_log: bool = False

    def __call__(self, value: float) -> float:
        """Return the position of a value."""
        low, high, position = (
            (math.log(end) if self.is_log else end) for end in (self.low, self.high, value)
        )
        return self.start + (position - low) / (high - low) * (self.end - self.start)

    @property
    def ticks(self) -> list[float]:
        """Three to seven round values within the scale."""
        if self.is_log:
            powers = range(math.floor(math.log10(self.low)), math.ceil(math.log10(self.high)) + 1)
            steps = (1, 2, 5) if self.high < 100 * self.low else (1,)
            candidates = [step * 10.0**power for power in powers for step in steps]
        else:
            rough = (self.high - self.low) / 4
            unit = 10.0 ** math.floor(math.log10(rough))
            step = min((1, 2, 5, 10), key=lambda factor: abs(factor * unit - rough)) * unit
            first = math.ceil(self.low / step - 1e-9)
            last = math.floor(self.high / step + 1e-9)
            candidates = [number * step for number in range(first, last + 1)]
        slack = 1e-9 * abs(self.high)
        return [tick for tick in candidates if self.low - slack <= tick <= self.high + slack]


def spanning(values: Sequence[float], start: float, end: float, *, is_log: bool = False) -> Scale:
    """Make a scale that shows all values, with some space at both ends."""
    low, high = min(values), max(values)
    if is_log:
        air = max((high / low) ** 0.06, 1.08)
        return Scale(low / air, high * air, start, end, is_log=True)
    air = 0.06 * (high - low) or 0.05 * abs(high) or 0.5
    return Scale(low - air, high + air, start, end)


def number(value: float) -> str:
    """Format the label of a tick."""
    return f"{value:,.6g}" if abs(value) < 1e6 else f"{value:.0e}"


def line(x1: float, y1: float, x2: float, y2: float, kind: str) -> str:
    """Draw a line whose class the page styles."""
    return f'<line class="{kind}" x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}"/>'


def text(x: float, y: float, content: str, *, anchor: str = "start", kind: str = "") -> str:
    """Draw a text, with all markup escaped."""
    return (
        f'<text class="{kind}" x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(content)}'
        "</text>"
    )


def dot(x: float, y: float, kind: str, title: str, radius: float = 4) -> str:
    """Draw a point whose title pointers and screen readers show."""
    return (
        f'<circle class="{kind}" cx="{x:.1f}" cy="{y:.1f}" r="{radius}">'
        f"<title>{escape(title)}</title></circle>"
    )


def box(x: float, y: float, width: float, height: float, kind: str) -> str:
    """Draw a filled rectangle."""
    size = f'width="{max(width, 0):.1f}" height="{height:.1f}"'
    return f'<rect class="{kind}" x="{x:.1f}" y="{y:.1f}" {size} rx="1.5"/>'


def horizontal_axis(scale: Scale, top: float, bottom: float, label: str) -> list[str]:
    """Draw vertical grid lines with numbers and a label below."""
    parts = []
    for tick in scale.ticks:
        parts.append(line(scale(tick), top, scale(tick), bottom, "grid"))
        parts.append(text(scale(tick), bottom + 15, number(tick), anchor="middle", kind="tick"))
    middle = (scale.start + scale.end) / 2
    return [*parts, text(middle, bottom + 32, label, anchor="middle", kind="label")]


def vertical_axis(scale: Scale, left: float, right: float, label: str) -> list[str]:
    """Draw horizontal grid lines with numbers on the left and a label above."""
    parts = []
    for tick in scale.ticks:
        parts.append(line(left, scale(tick), right, scale(tick), "grid"))
        parts.append(text(left - 6, scale(tick) + 4, number(tick), anchor="end", kind="tick"))
    return [*parts, text(left, scale.end - 10, label, kind="label")]


def figure(parts: Sequence[str], height: float, title: str, caption: str = "") -> str:
    """Wrap a drawing with its title and an optional caption."""
    drawing = "".join(parts)
    below = f"<figcaption>{escape(caption)}</figcaption>" if caption else ""
    return (
        f"<figure><h3>{escape(title)}</h3>"
        f'<svg viewBox="0 0 {WIDTH} {height:.0f}" role="img" aria-label="{escape(title)}">'
        f"{drawing}</svg>{below}</figure>"
    )
