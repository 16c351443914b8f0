"""Numbers as one reads them: the right digits, and a unit."""

from collections.abc import Callable

Value = str | float | int | None
NONE = "-"
"""Stands where a row has no number."""


def digits(n: int) -> Callable[[Value], str]:
    """A number with n digits after the point, never as -0."""

    def show(value: Value) -> str:
        text = f"{float(value or 0):.{n}f}"
        return text.removeprefix("-") if float(text) == 0 else text

    return show


def percent(value: Value) -> str:
    """A share as a percentage with one digit."""
    return f"{100 * float(value or 0):.1f} %"


def duration(value: Value) -> str:
    """Seconds in the unit in which one reads them."""
    seconds = float(value or 0)
    if seconds < 100:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.1f} min" if seconds < 6000 else f"{seconds / 3600:.1f} h"


def count(value: Value) -> str:
    """A count of parameters: 107 k, 11.2 M."""
    n = float(value or 0)
    if n < 1000:
        return f"{n:.0f}"
    return f"{n / 1e3:.0f} k" if n < 1e6 else f"{n / 1e6:.1f} M"


def energy(value: Value) -> str:
    """Energy given in kWh, in watt-hours where that is little."""
    kwh = float(value or 0)
    return f"{1000 * kwh:.1f} Wh" if kwh < 1 else f"{kwh:.2f} kWh"


def day(value: Value) -> str:
    """The date of a time in ISO 8601."""
    return str(value)[:10]


def minute(value: Value) -> str:
    """The date and time of a time in ISO 8601, to the minute."""
    return f"{str(value)[:10]} {str(value)[11:16]} UTC"


def interval(low: float | None, high: float | None, *, factor: float = 1, places: int = 2) -> str:
    """Both ends of an interval."""
    if low is None or high is None:
        return ""
    show = digits(places)
    return f"{show(factor * low)} to {show(factor * high)}"
