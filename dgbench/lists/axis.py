"""The strength of a pattern along which the members of a family differ."""

import colorsys
from collections.abc import Mapping, Sequence
from typing import Any

from data_gen.foundation.documents import Frozen
from data_gen.foundation.errors import UsageError
from data_gen.pattern import Color
from data_gen.spec import Spec
from data_gen.spec_parts import PatternEntry

SATURATION = "saturation"
"""The strength that is read from a palette: the distance of its colours from grey."""
_TEXTS = ("name", "version", "summary", "about", "domains", "small_domains")
"""Fields that may differ between members beside the axis."""
_ROUNDING = 1
"""By how much a channel may differ from the rescaled palette: both are rounded."""


class Axis(Frozen):
    """A strength of one pattern."""

    pattern: str
    """Name of the pattern."""
    strength: str
    """`saturation` of its palette, `rho`, or a number of its look, such as `look.noise`."""
    title: str
    """The text below the axis of a figure."""

    @property
    def fields(self) -> tuple[str, ...]:
        """The fields of the pattern's entry that the strength sets."""
        if self.strength == SATURATION:
            return ("look.palette", "look.neutral")
        return (self.strength,)


def check_members(
    axis: Axis, levels: Sequence[float], specs: Mapping[str, Spec], *, list_name: str
) -> None:
    """Raise UsageError if members differ in more than the axis, or in it not by their levels."""
    entries = {name: _entry(axis, spec, f"{list_name}: {name}") for name, spec in specs.items()}
    _check_alike(axis, specs, list_name=list_name)
    *_, strongest = entries.values()
    for (name, entry), level in zip(entries.items(), levels, strict=True):
        if axis.strength == SATURATION:
            _check_palette(entry, strongest, level / levels[-1], f"{list_name}: {name}")
        elif (strength := _field(entry, axis.strength)) != level:
            raise UsageError(
                f"{list_name}: {name} has {axis.strength} {strength:g} of {axis.pattern}, not "
                f"{level:g}. Write that level."
            )


def _check_alike(axis: Axis, specs: Mapping[str, Spec], *, list_name: str) -> None:
    (first, spec), *others = specs.items()
    expected = _facts(spec, axis)
    for name, other in others:
        facts = _facts(other, axis)
        for key in sorted({**expected, **facts}):
            if expected.get(key) != facts.get(key):
                raise UsageError(
                    f"{list_name}: {name} differs from {first} in {key} ({facts.get(key)!r}, "
                    f"{expected.get(key)!r}). Members may differ in {axis.strength} of "
                    f"{axis.pattern} alone, beside names, texts and domains."
                )


def _entry(axis: Axis, spec: Spec, where: str) -> PatternEntry:
    """The entry of the axis's pattern, which has the strength of the axis."""
    entry = spec.entries.get(axis.pattern)
    if entry is None:
        raise UsageError(
            f"{where} has no pattern {axis.pattern!r}. Its patterns are {', '.join(spec.entries)}."
        )
    if axis.strength == SATURATION:
        if not entry.look.model_dump().get("palette"):
            raise UsageError(f"{where}: the pattern {entry.name!r} has no palette.")
    elif _field(entry, axis.strength) is None:
        raise UsageError(
            f"{where}: {axis.strength!r} is not a number of the pattern {entry.name!r}. A "
            f"strength is {SATURATION!r}, 'rho' or a number of its look, such as 'look.noise'."
        )
    return entry


def _field(entry: PatternEntry, strength: str) -> float | None:
    """The number in a field such as `rho` or `look.noise`, or None for anything else."""
    value: Any = entry.model_dump()
    for part in strength.split("."):
        value = value.get(part) if isinstance(value, dict) else None
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return float(value) if is_number else None


def _check_palette(entry: PatternEntry, strongest: PatternEntry, share: float, where: str) -> None:
    """Check that a palette is the strongest one at a share of its saturation."""
    for color, vivid in zip(_colors(entry), _colors(strongest), strict=True):
        expected = paler(vivid, share)
        if max(abs(a - b) for a, b in zip(color, expected, strict=True)) > _ROUNDING:
            raise UsageError(
                f"{where} has the colour {list(color)} in the pattern {entry.name!r}. By its level "
                f"it would be {list(expected)}, which is {list(vivid)} of the last member at "
                f"{share:.1%} of its saturation."
            )


def paler(color: Color, share: float) -> Color:
    """Return a colour of the same hue and brightness with a share of the saturation."""
    hue, saturation, brightness = colorsys.rgb_to_hsv(*(channel / 255 for channel in color))
    red, green, blue = colorsys.hsv_to_rgb(hue, share * saturation, brightness)
    return round(255 * red), round(255 * green), round(255 * blue)


def _colors(entry: PatternEntry) -> list[Color]:
    look = entry.look.model_dump()
    return [*look["palette"], look["neutral"]]


def _facts(spec: Spec, axis: Axis) -> dict[str, Any]:
    """All that must be the same in every member, as single values by dotted name."""
    document = spec.model_dump(mode="json", exclude=set(_TEXTS))
    patterns = document.pop("patterns")
    facts = _flat(document, "")
    facts["patterns"] = [pattern["name"] for pattern in patterns]
    for pattern in patterns:
        facts |= _flat(pattern, f"patterns.{pattern['name']}.")
    for field in axis.fields:
        facts.pop(f"patterns.{axis.pattern}.{field}", None)
    return facts


def _flat(document: Mapping[str, Any], prefix: str) -> dict[str, Any]:
    facts: dict[str, Any] = {}
    for key, value in document.items():
        if isinstance(value, dict):
            facts |= _flat(value, f"{prefix}{key}.")
        else:
            facts[f"{prefix}{key}"] = value
    return facts
