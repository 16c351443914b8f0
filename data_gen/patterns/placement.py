"""Where the glyph sits in its block, and how large it is."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Annotated, ClassVar

import numpy as np
from jaxtyping import Int
from pydantic import Field, model_validator
from typing_extensions import override

from data_gen.pattern import Pattern, Rendering
from data_gen.patterns.resample import scale, shift
from data_gen.scene import Alpha, Scene, mean_of
from data_gen.streams import Stream

Offset = tuple[Annotated[int, Field(ge=-64, le=64)], Annotated[int, Field(ge=-64, le=64)]]
"""Pixels down and to the right."""
Sixteenths = Annotated[int, Field(ge=1, le=64)]


class GlyphPosition(Pattern):
    """Where the glyph sits. Absent, it is in the middle."""

    reads_glyph: ClassVar[bool] = True

    offsets: Annotated[tuple[Offset, ...], Field(min_length=2)]
    """Displacement of each value, in pixels down and right; (0, 0) is the absent rendering."""
    neutral: Offset
    """Displacement that stands for a missing one; not in `offsets`."""

    @model_validator(mode="after")
    def _places_differ(self) -> "GlyphPosition":
        taken = [*self.offsets, self.neutral, (0, 0)]
        if len(set(taken)) < len(taken):
            raise ValueError("offsets, neutral and (0, 0) must all differ")
        return self

    @property
    @override
    def value_count(self) -> int:
        return len(self.offsets)

    @override
    def draw(self, scene: Scene, values: Int[np.ndarray, " n"], stream: Stream) -> Scene:
        out = np.empty(scene.glyph.shape, np.uint8)
        for value, (down, right) in enumerate(self.offsets):
            out[values == value] = shift(scene.glyph[values == value], down=down, right=right)
        return replace(scene, glyph=out)

    @override
    def draw_missing(self, scene: Scene, rendering: Rendering, stream: Stream) -> Scene:
        if rendering == "absent":
            return scene
        if rendering == "neutral":
            down, right = self.neutral
            return replace(scene, glyph=shift(scene.glyph, down=down, right=right))
        return replace(scene, glyph=mean_of(list(self._all(scene.glyph))))

    def _all(self, glyphs: Alpha) -> Iterator[Alpha]:
        return (shift(glyphs, down=down, right=right) for down, right in self.offsets)


class GlyphScale(Pattern):
    """How large the glyph is. Absent, it has the size that its source gave it."""

    reads_glyph: ClassVar[bool] = True

    sixteenths: Annotated[tuple[Sixteenths, ...], Field(min_length=2)]
    """Size of each value in sixteenths of the source's; 16 is the absent rendering."""
    neutral: Sixteenths
    """Size that stands for a missing one; not in `sixteenths`."""

    @model_validator(mode="after")
    def _sizes_differ(self) -> "GlyphScale":
        taken = [*self.sixteenths, self.neutral, 16]
        if len(set(taken)) < len(taken):
            raise ValueError("sixteenths, neutral and 16 must all differ")
        return self

    @property
    @override
    def value_count(self) -> int:
        return len(self.sixteenths)

    @override
    def draw(self, scene: Scene, values: Int[np.ndarray, " n"], stream: Stream) -> Scene:
        out = np.empty(scene.glyph.shape, np.uint8)
        for value, size in enumerate(self.sixteenths):
            out[values == value] = scale(scene.glyph[values == value], sixteenths=size)
        return replace(scene, glyph=out)

    @override
    def draw_missing(self, scene: Scene, rendering: Rendering, stream: Stream) -> Scene:
        if rendering == "absent":
            return scene
        if rendering == "neutral":
            return replace(scene, glyph=scale(scene.glyph, sixteenths=self.neutral))
        variants = [scale(scene.glyph, sixteenths=size) for size in self.sixteenths]
        return replace(scene, glyph=mean_of(variants))
