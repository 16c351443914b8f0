"""Small drawings as SVG text: light or dark as the page around them, sharp at every size."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

WIDTH = 440
"""Of every figure, in its own units: text stays readable on a telephone."""


@dataclass(frozen=True)
class Scale:
    """From values to places along an axis."""

    low: float
    high: float
    start: float
    end: float
    is_log: bool = False

    def __call__(self, value: float) -> float:
        """The place of a value."""
        low, high, at = (
            (math.log(each) if self.is_log else each) for each in (self.low, self.high, value)
        )
        return self.start + (at - low) / (high - low) * (self.end - self.start)

    @property
    def ticks(self) -> list[float]:
        """Round values inside, three to seven."""
        if self.is_log:
            powers = range(math.floor(math.log10(self.low)), math.ceil(math.log10(self.high)) + 1)
            steps = (1, 2, 5) if self.high < 100 * self.low else (1,)
            found = [step * 10.0**power for power in powers for step in steps]
        else:
            rough = (self.high - self.low) / 4
            unit = 10.0 ** math.floor(math.log10(rough))
            step = min((1, 2, 5, 10), key=lambda of: abs(of * unit - rough)) * unit
            first = math.ceil(self.low / step - 1e-9)
            last = math.floor(self.high / step + 1e-9)
            found = [number * step for number in range(first, last + 1)]
        slack = 1e-9 * abs(self.high)
        return [tick for tick in found if self.low - slack <= tick <= self.high + slack]


def spanning(values: Sequence[float], start: float, end: float, *, is_log: bool = False) -> Scale:
    """A scale that shows all values, with some air at both ends."""
    low, high = min(values), max(values)
    if is_log:
        air = max((high / low) ** 0.06, 1.08)
        return Scale(low / air, high * air, start, end, is_log=True)
    air = 0.06 * (high - low) or 0.05 * abs(high) or 0.5
    return Scale(low - air, high + air, start, end)


def number(value: float) -> str:
    """A tick's label, or a place."""
    return f"{value:,.6g}" if abs(value) < 1e6 else f"{value:.0e}"


def line(x1: float, y1: float, x2: float, y2: float, kind: str) -> str:
    """A stroke whose look the page decides by its class."""
    return f'<line class="{kind}" x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}"/>'


def text(x: float, y: float, content: str, *, anchor: str = "start", kind: str = "") -> str:
    """Words; whatever they are, they are not read as markup."""
    return (
        f'<text class="{kind}" x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(content)}'
        "</text>"
    )


def dot(x: float, y: float, kind: str, title: str, radius: float = 4) -> str:
    """A point that tells its name to a pointer and to a screen reader."""
    return (
        f'<circle class="{kind}" cx="{x:.1f}" cy="{y:.1f}" r="{radius}">'
        f"<title>{escape(title)}</title></circle>"
    )


def box(x: float, y: float, width: float, height: float, kind: str) -> str:
    """A filled rectangle."""
    size = f'width="{max(width, 0):.1f}" height="{height:.1f}"'
    return f'<rect class="{kind}" x="{x:.1f}" y="{y:.1f}" {size} rx="1.5"/>'


def horizontal_axis(scale: Scale, top: float, bottom: float, label: str) -> list[str]:
    """Grid lines with numbers below, and what they count."""
    parts = []
    for tick in scale.ticks:
        parts.append(line(scale(tick), top, scale(tick), bottom, "grid"))
        parts.append(text(scale(tick), bottom + 15, number(tick), anchor="middle", kind="tick"))
    middle = (scale.start + scale.end) / 2
    return [*parts, text(middle, bottom + 32, label, anchor="middle", kind="label")]


def vertical_axis(scale: Scale, left: float, right: float, label: str) -> list[str]:
    """Grid lines with numbers on the left, and what they count above."""
    parts = []
    for tick in scale.ticks:
        parts.append(line(left, scale(tick), right, scale(tick), "grid"))
        parts.append(text(left - 6, scale(tick) + 4, number(tick), anchor="end", kind="tick"))
    return [*parts, text(left, scale.end - 10, label, kind="label")]


def figure(parts: Sequence[str], height: float, title: str, caption: str = "") -> str:
    """A drawing with its title and perhaps a caption."""
    drawing = "".join(parts)
    below = f"<figcaption>{escape(caption)}</figcaption>" if caption else ""
    return (
        f"<figure><h3>{escape(title)}</h3>"
        f'<svg viewBox="0 0 {WIDTH} {height:.0f}" role="img" aria-label="{escape(title)}">'
        f"{drawing}</svg>{below}</figure>"
    )
