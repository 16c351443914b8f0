"""Numbers as people read them: the right digits, a unit, one sign for what is missing."""

from collections.abc import Callable

from dgbench.standings.limits import MARK, RETAINED, UNSTABLE_MARK

Value = str | float | int | None
Show = Callable[[Value], str]
"""Writes a value that is there."""
NONE = "-"
"""Stands where a row has no number."""


def digits(n: int, *, factor: float = 1) -> Show:
    """Numbers with n digits after the point, never as -0."""

    def show(value: Value) -> str:
        text = f"{factor * float(value or 0):.{n}f}"
        return text.removeprefix("-") if float(text) == 0 else text

    return show


def shown(value: Value, show: Show = str) -> str:
    """A value as text, also where it is missing."""
    return NONE if value is None or value == "" else show(value)


def percent(value: Value) -> str:
    """A share as a percentage with one digit."""
    return f"{digits(1, factor=100)(value)} %"


def retention(n: int = 2) -> Show:
    """ID retention with n digits, marked where it is low."""
    show = digits(n)
    return lambda value: show(value) + (MARK if float(value or 0) < RETAINED else "")


def interval(low: float | None, high: float | None, *, factor: float = 1, places: int = 2) -> str:
    """Both ends of an interval, or an empty text if one is missing."""
    if low is None or high is None:
        return ""
    show = digits(places, factor=factor)
    return f"{show(low)} to {show(high)}"


def ranks(low: int | None, high: int | None) -> str:
    """The ranks that a row may have, or an empty text for an unranked row."""
    if low is None or high is None:
        return ""
    return str(low) if low == high else f"{low} to {high}"


def tier(number: int | None, *, is_unstable: bool) -> str:
    """A tier, marked for an unstable row, or an empty text for an unranked one."""
    return "" if number is None else f"{number}{UNSTABLE_MARK if is_unstable else ''}"


def duration(value: Value) -> str:
    """Seconds in the unit in which people read them."""
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
