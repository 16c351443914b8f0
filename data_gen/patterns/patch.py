"""A square over the image: either its colour or its place carries the value."""

from typing import Annotated, Literal

import numpy as np
from jaxtyping import Int, UInt8
from pydantic import Field
from typing_extensions import override

from data_gen.pattern import Color, Pattern, Rendering
from data_gen.patterns.palette import PalettePattern
from data_gen.scene import Scene, full
from data_gen.streams import Stream

Side = Annotated[int, Field(ge=1, le=64)]
UpperLeft = tuple[Annotated[int, Field(ge=0)], Annotated[int, Field(ge=0)]]
"""Row and column of a square's upper left pixel."""


class PatchColor(PalettePattern):
    """A square in a corner whose colour encodes the value. Its side sets its availability."""

    corner: Literal["top-left", "top-right", "bottom-left", "bottom-right"] = "top-left"
    side: Side = 4
    """Side of the square, in pixels: its footprint."""

    @override
    def draw(self, scene: Scene, values: Int[np.ndarray, " n"], stream: Stream) -> Scene:
        return scene.over(self._alpha(scene), self.colors(values, stream))

    @override
    def draw_missing(self, scene: Scene, rendering: Rendering, stream: Stream) -> Scene:
        if rendering == "absent":
            return scene
        colors = self.missing_colors(len(scene.glyph), rendering, absent=(0, 0, 0))
        return scene.over(self._alpha(scene), colors)

    def _alpha(self, scene: Scene) -> UInt8[np.ndarray, "1 h w"]:
        vertical, horizontal = self.corner.split("-")
        top = 0 if vertical == "top" else scene.height - self.side
        left = 0 if horizontal == "left" else scene.width - self.side
        return _square(scene, (max(0, top), max(0, left)), self.side)


class PatchPosition(Pattern):
    """A square whose place encodes the value."""

    places: Annotated[tuple[UpperLeft, ...], Field(min_length=2)]
    """Row and column of the square's upper left pixel, for each value."""
    neutral: UpperLeft
    """Place of the square when its place is missing. It is not one of `places`."""
    side: Side = 4
    """Side of the square, in pixels: its footprint."""
    color: Color = (255, 255, 255)
    """RGB of the square: its contrast."""

    @property
    @override
    def value_count(self) -> int:
        return len(self.places)

    @override
    def draw(self, scene: Scene, values: Int[np.ndarray, " n"], stream: Stream) -> Scene:
        return scene.over(self._alphas(scene)[values], full(len(values), self.color))

    @override
    def draw_missing(self, scene: Scene, rendering: Rendering, stream: Stream) -> Scene:
        if rendering == "absent":
            return scene
        if rendering == "mean":
            total = self._alphas(scene).sum(axis=0, dtype=np.int64)
            alpha = (total // len(self.places)).astype(np.uint8)[None]
        else:
            alpha = _square(scene, self.neutral, self.side)
        return scene.over(alpha, full(len(scene.glyph), self.color))

    def _alphas(self, scene: Scene) -> UInt8[np.ndarray, "k h w"]:
        return np.concatenate([_square(scene, place, self.side) for place in self.places])


def _square(scene: Scene, place: UpperLeft, side: int) -> UInt8[np.ndarray, "1 h w"]:
    top, left = place
    alpha = np.zeros((1, scene.height, scene.width), np.uint8)
    alpha[:, top : top + side, left : left + side] = 255
    return alpha
