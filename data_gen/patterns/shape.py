"""The glyph itself as a pattern, and a second glyph in a block of its own."""

from dataclasses import replace
from typing import Annotated, ClassVar

import numpy as np
from jaxtyping import Int, UInt8
from pydantic import Field
from typing_extensions import override

from data_gen.pattern import Pattern, Rendering
from data_gen.patterns.resample import rotate
from data_gen.scene import PRIMARY, Alpha, Scene, pad_to
from data_gen.streams import Stream


class Shape(Pattern):
    """The shape of the source glyph: which digit or garment it is.

    The glyph of image i never changes, only the label's relation to it does. So `draw` leaves it
    in its place and turns it by `rotation`.
    """

    is_source_glyph: ClassVar[bool] = True
    brings_glyph: ClassVar[bool] = True

    rotation: Annotated[int, Field(ge=0, lt=360)] = 0
    """Degrees, counter-clockwise. Constant: an environment sets it, no value does."""

    @override
    def draw(self, scene: Scene, values: Int[np.ndarray, " n"], stream: Stream) -> Scene:
        return replace(scene, glyph=rotate(scene.glyph, degrees=self.rotation))

    @override
    def draw_missing(self, scene: Scene, rendering: Rendering, stream: Stream) -> Scene:
        return replace(scene, glyph=missing_glyph(scene, rendering, source=PRIMARY))


class SecondGlyph(Pattern):
    """A random glyph of the value's class, from any source: the other half of a domino."""

    brings_glyph: ClassVar[bool] = True

    source: str
    """Source of the glyph. It is drawn from the digits of the same split."""
    classes: tuple[int, ...] | None = None
    """Class of the source that stands for each value. By default value k is class k."""
    contrast: Annotated[float, Field(gt=0, le=1)] = 1.0
    """Brightness of the glyph, as a share of the source's."""

    @property
    @override
    def value_count(self) -> int | None:
        return len(self.classes) if self.classes else None

    @override
    def glyphs_needed(self, n_values: int) -> dict[str, frozenset[int]]:
        return {self.source: frozenset(self.classes or range(n_values))}

    @override
    def draw(self, scene: Scene, values: Int[np.ndarray, " n"], stream: Stream) -> Scene:
        classes = np.array(self.classes)[values] if self.classes else values
        glyphs = scene.glyph_pools[self.source].pick(classes, stream)
        padded = pad_to(glyphs, height=scene.height, width=scene.width)
        return replace(scene, glyph=self._dimmed(padded))

    @override
    def draw_missing(self, scene: Scene, rendering: Rendering, stream: Stream) -> Scene:
        glyph = missing_glyph(scene, rendering, source=self.source)
        return replace(scene, glyph=self._dimmed(glyph))

    def _dimmed(self, glyphs: Alpha) -> Alpha:
        if self.contrast == 1:
            return glyphs
        return ((glyphs.astype(np.uint16) * round(self.contrast * 256) + 128) >> 8).astype(np.uint8)


def missing_glyph(scene: Scene, rendering: Rendering, *, source: str) -> Alpha:
    """Return the mean glyph of a source, a blob, or nothing, in every image."""
    height, width = scene.height, scene.width
    if rendering == "mean":
        glyph = pad_to(scene.glyph_pools[source].mean[None], height=height, width=width)
    elif rendering == "neutral":
        glyph = blob(height=height, width=width)[None]
    else:
        glyph = np.zeros((1, height, width), np.uint8)
    return np.broadcast_to(glyph, scene.glyph.shape)


def blob(*, height: int, width: int) -> UInt8[np.ndarray, "h w"]:
    """A solid disc, a quarter of the block in radius."""
    rows, columns = np.mgrid[:height, :width]
    # Doubled coordinates keep the centre of an even block on an integer.
    distance = (2 * rows - height + 1) ** 2 + (2 * columns - width + 1) ** 2
    return np.where(distance <= (min(height, width) // 2) ** 2, 255, 0).astype(np.uint8)
