"""Place of the glyph in its block, and its size."""

from abc import abstractmethod
from collections.abc import Callable
from dataclasses import replace
from functools import partial
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

Placement = Callable[[Alpha], Alpha]
"""Moves or scales glyphs within their block."""


class PlacementPattern(Pattern):
    """A pattern whose values place the glyph. If absent, the glyph is as its source made it."""

    reads_glyph: ClassVar[bool] = True

    @abstractmethod
    def placements(self) -> list[Placement]:
        """The placement of each value."""

    @abstractmethod
    def neutral_placement(self) -> Placement:
        """The placement that stands for a missing value."""

    @override
    def draw(self, scene: Scene, values: Int[np.ndarray, " n"], stream: Stream) -> Scene:
        glyphs = np.empty(scene.glyph.shape, np.uint8)
        for value, place in enumerate(self.placements()):
            glyphs[values == value] = place(scene.glyph[values == value])
        return replace(scene, glyph=glyphs)

    @override
    def draw_missing(self, scene: Scene, rendering: Rendering, stream: Stream) -> Scene:
        if rendering == "absent":
            return scene
        if rendering == "neutral":
            return replace(scene, glyph=self.neutral_placement()(scene.glyph))
        return replace(scene, glyph=mean_of([place(scene.glyph) for place in self.placements()]))


class GlyphPosition(PlacementPattern):
    """Place of the glyph in its block. If absent, the glyph is in the middle."""

    offsets: Annotated[tuple[Offset, ...], Field(min_length=2)]
    """Displacement of each value, in pixels down and right. (0, 0) is the absent rendering."""
    neutral: Offset
    """Displacement that stands for a missing one. It is not in `offsets`."""

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
    def placements(self) -> list[Placement]:
        return [partial(shift, down=down, right=right) for down, right in self.offsets]

    @override
    def neutral_placement(self) -> Placement:
        down, right = self.neutral
        return partial(shift, down=down, right=right)


class GlyphScale(PlacementPattern):
    """Size of the glyph. If absent, the glyph has the size that its source gave it."""

    sixteenths: Annotated[tuple[Sixteenths, ...], Field(min_length=2)]
    """Size of each value in sixteenths of the source's. 16 is the absent rendering."""
    neutral: Sixteenths
    """Size that stands for a missing one. It is not in `sixteenths`."""

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
    def placements(self) -> list[Placement]:
        return [partial(scale, sixteenths=size) for size in self.sixteenths]

    @override
    def neutral_placement(self) -> Placement:
        return partial(scale, sixteenths=self.neutral)
