"""Thickness of the glyph's strokes."""

from dataclasses import replace
from typing import Annotated, ClassVar

import numpy as np
from jaxtyping import Int
from pydantic import Field, model_validator
from typing_extensions import override

from data_gen.pattern import Pattern, Rendering
from data_gen.scene import Alpha, Scene, mean_of
from data_gen.streams import Stream

Quarters = Annotated[int, Field(ge=-8, le=16)]


class StrokeThickness(Pattern):
    """Growth or shrinkage of the strokes, in quarter pixels on each side.

    If it is missing, the glyph is the mean of all thicknesses, its outline, or as its source made
    it.
    """

    reads_glyph: ClassVar[bool] = True

    quarters: Annotated[tuple[Quarters, ...], Field(min_length=2)]
    """Growth of each value in quarter pixels. Negative shrinks. 0 would be absent."""

    @model_validator(mode="after")
    def _values_differ(self) -> "StrokeThickness":
        if len(set(self.quarters)) < len(self.quarters) or 0 in self.quarters:
            raise ValueError("quarters must differ from each other and from 0")
        return self

    @property
    @override
    def value_count(self) -> int:
        return len(self.quarters)

    @override
    def draw(self, scene: Scene, values: Int[np.ndarray, " n"], stream: Stream) -> Scene:
        out = np.empty(scene.glyph.shape, np.uint8)
        for value, quarters in enumerate(self.quarters):
            chosen = values == value
            out[chosen] = _grow(scene.glyph[chosen], quarters)
        return replace(scene, glyph=out)

    @override
    def draw_missing(self, scene: Scene, rendering: Rendering, stream: Stream) -> Scene:
        if rendering == "absent":
            return scene
        if rendering == "mean":
            return replace(scene, glyph=mean_of([_grow(scene.glyph, q) for q in self.quarters]))
        return replace(scene, glyph=_grow(scene.glyph, 4) - _grow(scene.glyph, -4))


def _grow(glyphs: Alpha, quarters: int) -> Alpha:
    """Apply grey dilation or erosion by a plus of one pixel, and interpolate what is left."""
    whole, rest = divmod(abs(quarters), 4)
    for _ in range(whole):
        glyphs = _step(glyphs, grow=quarters > 0)
    if not rest:
        return glyphs
    further = _step(glyphs, grow=quarters > 0)
    mixed = glyphs.astype(np.uint16) * (4 - rest) + further.astype(np.uint16) * rest
    return ((mixed + 2) // 4).astype(np.uint8)


def _step(glyphs: Alpha, *, grow: bool) -> Alpha:
    pick = np.maximum if grow else np.minimum
    padded = np.pad(glyphs, ((0, 0), (1, 1), (1, 1)))
    vertical = pick(padded[:, :-2, 1:-1], padded[:, 2:, 1:-1])
    horizontal = pick(padded[:, 1:-1, :-2], padded[:, 1:-1, 2:])
    return pick(glyphs, pick(vertical, horizontal))
