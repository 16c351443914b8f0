"""A frame of which only some sides are drawn."""

from typing import Annotated

import numpy as np
from jaxtyping import Int, UInt8
from pydantic import Field
from typing_extensions import override

from data_gen.pattern import Color, Pattern, Rendering
from data_gen.scene import Scene, full
from data_gen.streams import Stream


class Frame(Pattern):
    """A frame around the block: which of its four sides are drawn encodes the value in binary.

    Value k draws the sides whose bits are set in k + 1 (top 1, right 2, bottom 4, left 8). Missing,
    it is the mean of all values, four corner marks, or nothing.
    """

    styles: Annotated[int, Field(ge=2, le=15)] = 10
    """Number of values."""
    thickness: Annotated[int, Field(ge=1, le=16)] = 2
    """Thickness of a side, in pixels: its footprint."""
    color: Color = (255, 255, 255)

    @property
    @override
    def value_count(self) -> int:
        return self.styles

    @override
    def draw(self, scene: Scene, values: Int[np.ndarray, " n"], stream: Stream) -> Scene:
        return scene.over(self._alphas(scene)[values], full(len(values), self.color))

    @override
    def draw_missing(self, scene: Scene, rendering: Rendering, stream: Stream) -> Scene:
        if rendering == "absent":
            return scene
        if rendering == "mean":
            total = self._alphas(scene).sum(axis=0, dtype=np.int64)
            alpha = (total // self.styles).astype(np.uint8)[None]
        else:
            alpha = self._corner_marks(scene)
        return scene.over(alpha, full(len(scene.glyph), self.color))

    def _alphas(self, scene: Scene) -> UInt8[np.ndarray, "k h w"]:
        alphas = np.zeros((self.styles, scene.height, scene.width), np.uint8)
        wide = self.thickness
        for value in range(self.styles):
            code = value + 1
            if code & 1:
                alphas[value, :wide] = 255
            if code & 2:
                alphas[value, :, -wide:] = 255
            if code & 4:
                alphas[value, -wide:] = 255
            if code & 8:
                alphas[value, :, :wide] = 255
        return alphas

    def _corner_marks(self, scene: Scene) -> UInt8[np.ndarray, "1 h w"]:
        side = 2 * self.thickness
        alpha = np.zeros((1, scene.height, scene.width), np.uint8)
        for rows in (slice(None, side), slice(-side, None)):
            for columns in (slice(None, side), slice(-side, None)):
                alpha[:, rows, columns] = 255
        return alpha
