"""Tally marks: the number of marks encodes the value."""

from typing import Annotated

import numpy as np
from jaxtyping import Int, UInt8
from pydantic import Field
from typing_extensions import override

from data_gen.pattern import Pattern, Rendering
from data_gen.scene import Scene, full
from data_gen.streams import Stream

MOST = 10
"""Marks at most, and so values."""


class Tally(Pattern):
    """Marks along the lower edge: value k has k + 1 of them, from the left."""

    height: Annotated[int, Field(ge=1, le=8)] = 3
    """Height of a mark, in pixels: how easily it is seen."""

    @property
    @override
    def value_count(self) -> int:
        return MOST

    @override
    def draw(self, scene: Scene, values: Int[np.ndarray, " n"], stream: Stream) -> Scene:
        shown = np.arange(MOST) <= values[:, None]
        return self._over(scene, (255 * shown).astype(np.uint8))

    @override
    def draw_missing(self, scene: Scene, rendering: Rendering, stream: Stream) -> Scene:
        if rendering == "absent":
            return scene
        shares = np.arange(MOST, 0, -1) / MOST if rendering == "mean" else np.full(MOST, 0.3)
        return self._over(scene, (255 * shares).astype(np.uint8)[None])

    def _over(self, scene: Scene, brightness: UInt8[np.ndarray, "n m"]) -> Scene:
        """Draw the marks, each with its brightness. A single row serves all images."""
        alpha = np.zeros((len(brightness), scene.height, scene.width), np.uint8)
        step = scene.width // (MOST + 1)
        columns = step * np.arange(1, MOST + 1)
        alpha[:, -self.height - 1 : -1, columns] = brightness[:, None]
        return scene.over(alpha, full(len(scene.glyph), (255, 255, 255)))
