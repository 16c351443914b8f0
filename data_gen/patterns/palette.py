"""A ring of colours: the values of every pattern that is told by its colour."""

from typing import Annotated

import numpy as np
from jaxtyping import Float, Int, UInt8
from pydantic import Field, model_validator
from typing_extensions import override

from data_gen.pattern import Color, Pattern, Rendering
from data_gen.scene import Colors, full
from data_gen.streams import NORMAL_UNIT, Stream, normal_table

_STEP = 256
"""Colours are resolved to 1/256 of the way to the next colour of the ring."""


class PalettePattern(Pattern):
    """Base of the colour patterns: value k is the k-th colour of the palette, within noise."""

    palette: Annotated[tuple[Color, ...], Field(min_length=2)]
    """RGB of each value. Noise confuses neighbours in this ring."""
    neutral: Color
    """RGB that stands for a missing colour. It is not in the palette."""
    noise: Annotated[float, Field(ge=0, le=2)] = 0.0
    """Standard deviation of the value noise: steps along the ring, drawn once for each image."""

    @model_validator(mode="after")
    def _colors_differ(self) -> "PalettePattern":
        if len(set(self.palette)) < len(self.palette):
            raise ValueError("two colours of the palette are the same")
        if self.neutral in self.palette:
            raise ValueError(f"the neutral colour {list(self.neutral)} is also in the palette")
        return self

    @property
    @override
    def value_count(self) -> int:
        """One value a colour."""
        return len(self.palette)

    def colors(self, values: Int[np.ndarray, " n"], stream: Stream) -> Colors:
        """The colour of each image, noise included."""
        if not self.noise:
            return np.array(self.palette, np.uint8)[values]
        return self._at(values, stream.normal("value noise"))

    def missing_colors(self, n: int, rendering: Rendering, *, absent: Color) -> Colors:
        """The one colour that all images show when the colour is missing."""
        if rendering == "mean":
            total = np.array(self.palette, np.int64).sum(axis=0)
            count = len(self.palette)
            return np.broadcast_to(((total + count // 2) // count).astype(np.uint8), (n, 3))
        return full(n, self.neutral if rendering == "neutral" else absent)

    @override
    def appearances(self, n_values: int) -> Float[np.ndarray, "k m"]:
        """P(RGB | value), by counting over the whole table of normals."""
        if not self.noise:
            return np.eye(n_values)
        table = normal_table()
        seen = [self._at(np.full(len(table), value), table) for value in range(n_values)]
        _, index = np.unique(np.concatenate(seen), axis=0, return_inverse=True)
        counts = np.zeros((n_values, index.max() + 1))
        np.add.at(counts, (np.repeat(np.arange(n_values), len(table)), index.ravel()), 1)
        return counts / len(table)

    def _at(
        self, values: Int[np.ndarray, " n"], normals: Int[np.ndarray, " n"]
    ) -> UInt8[np.ndarray, "n 3"]:
        ring = np.array(self.palette, np.int64)
        shift = (normals * round(self.noise * _STEP) + NORMAL_UNIT // 2) // NORMAL_UNIT
        position = (values * _STEP + shift) % (len(ring) * _STEP)
        near, far = position // _STEP, (position // _STEP + 1) % len(ring)
        share = (position % _STEP)[:, None]
        mixed = ring[near] * (_STEP - share) + ring[far] * share
        return ((mixed + _STEP // 2) // _STEP).astype(np.uint8)
