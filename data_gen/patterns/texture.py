"""Oriented gratings behind the glyph."""

from functools import cache
from math import cos, pi, radians, sin
from typing import Annotated

import numpy as np
from jaxtyping import Int, UInt8
from pydantic import Field
from typing_extensions import override

from data_gen.pattern import Color, Pattern, Rendering
from data_gen.scene import Scene, full
from data_gen.streams import Stream

_PHASES = 16
_SINE_STEPS = 1024
_FINE = 1 << 16


class Texture(Pattern):
    """A grating whose orientation encodes the value. Its phase differs from image to image.

    If it is missing, it is the mean of all orientations, rings (all orientations at once), or an
    even grey of the grating's mean brightness.
    """

    orientations: Annotated[int, Field(ge=2, le=36)] = 10
    """Number of values: evenly spaced over 180 degrees, value 0 has vertical stripes."""
    period: Annotated[int, Field(ge=2, le=64)] = 7
    """Width of one stripe and one gap together, in pixels."""
    contrast: Annotated[float, Field(gt=0, le=1)] = 0.5
    """Brightness of a stripe's middle, as a share of `color`."""
    color: Color = (255, 255, 255)

    @property
    @override
    def value_count(self) -> int:
        return self.orientations

    @override
    def draw(self, scene: Scene, values: Int[np.ndarray, " n"], stream: Stream) -> Scene:
        phases = stream.integers("phase", high=_PHASES)
        alphas = self._gratings(scene.height, scene.width)[values, phases]
        return scene.under(alphas, full(len(values), self.color))

    @override
    def draw_missing(self, scene: Scene, rendering: Rendering, stream: Stream) -> Scene:
        n, height, width = scene.glyph.shape
        phases = stream.integers("phase", high=_PHASES)
        if rendering == "mean":
            total = self._gratings(height, width).sum(axis=0, dtype=np.int64)
            alphas = (total // self.orientations).astype(np.uint8)[phases]
        elif rendering == "neutral":
            alphas = _rings(height, width, self.period, round(self.contrast * 255))[phases]
        else:
            alphas = np.full((1, height, width), round(self.contrast * 255) // 2, np.uint8)
        return scene.under(alphas, full(n, self.color))

    def _gratings(self, height: int, width: int) -> UInt8[np.ndarray, "k phases h w"]:
        peak = round(self.contrast * 255)
        return np.stack(
            [
                _grating(height, width, index, self.orientations, self.period, peak)
                for index in range(self.orientations)
            ]
        )


@cache
def _wave() -> Int[np.ndarray, " steps"]:
    """(1 + sin) / 2 over one turn, in units of 1/65536."""
    turns = (2 * pi * step / _SINE_STEPS for step in range(_SINE_STEPS))
    return np.array([round((1 + sin(turn)) / 2 * _FINE) for turn in turns], np.int64)


@cache
def _grating(
    height: int, width: int, index: int, count: int, period: int, peak: int
) -> UInt8[np.ndarray, "phases h w"]:
    angle = radians(180 * index / count)
    across, down = round(cos(angle) * _FINE), round(sin(angle) * _FINE)
    rows, columns = np.mgrid[:height, :width]
    distance = (columns * across + rows * down) * _SINE_STEPS // (period * _FINE)
    return _phased(distance, peak)


@cache
def _rings(height: int, width: int, period: int, peak: int) -> UInt8[np.ndarray, "phases h w"]:
    rows, columns = np.mgrid[:height, :width]
    squared = (2 * rows - height + 1) ** 2 + (2 * columns - width + 1) ** 2
    # Correctly rounded by IEEE 754, so alike everywhere; twice the radius in 1/16 pixel.
    radius = np.floor(np.sqrt(squared * 256.0)).astype(np.int64)
    return _phased(radius * _SINE_STEPS // (32 * period), peak)


def _phased(steps: Int[np.ndarray, "h w"], peak: int) -> UInt8[np.ndarray, "phases h w"]:
    shifts = np.arange(_PHASES)[:, None, None] * (_SINE_STEPS // _PHASES)
    return ((_wave()[(steps + shifts) % _SINE_STEPS] * peak + _FINE // 2) // _FINE).astype(np.uint8)
