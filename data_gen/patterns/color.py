"""Colour of the glyph and colour of its background."""

from dataclasses import replace
from typing import ClassVar, Literal

import numpy as np
from jaxtyping import Int
from typing_extensions import override

from data_gen.pattern import Rendering
from data_gen.patterns.palette import PalettePattern
from data_gen.scene import Colors, Scene
from data_gen.streams import Stream


class ForegroundColor(PalettePattern):
    """The colour of the glyph's strokes. Absent, the glyph is grey as its source made it."""

    reads_glyph: ClassVar[bool] = True

    @override
    def draw(self, scene: Scene, values: Int[np.ndarray, " n"], stream: Stream) -> Scene:
        return replace(scene, foreground=self.colors(values, stream))

    @override
    def draw_missing(self, scene: Scene, rendering: Rendering, stream: Stream) -> Scene:
        colors = self.missing_colors(len(scene.glyph), rendering, absent=(255, 255, 255))
        return replace(scene, foreground=colors)


class BackgroundColor(PalettePattern):
    """The colour behind the glyph, in the whole block or in one half. Absent, it is black."""

    region: Literal["whole", "left", "right"] = "whole"
    """The part of the block that carries the colour: its footprint."""

    @override
    def draw(self, scene: Scene, values: Int[np.ndarray, " n"], stream: Stream) -> Scene:
        return self._paint(scene, self.colors(values, stream))

    @override
    def draw_missing(self, scene: Scene, rendering: Rendering, stream: Stream) -> Scene:
        return self._paint(
            scene, self.missing_colors(len(scene.glyph), rendering, absent=(0, 0, 0))
        )

    def _paint(self, scene: Scene, colors: Colors) -> Scene:
        if self.region == "whole":
            return replace(scene, background=colors)
        half = scene.width // 2
        alpha = np.zeros((1, scene.height, scene.width), np.uint8)
        alpha[:, :, : half if self.region == "left" else None] = 255
        if self.region == "right":
            alpha[:, :, :half] = 0
        return scene.under(alpha, colors)
