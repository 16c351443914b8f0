"""Rotation, scaling and shifts of grey glyphs, with the same result on every machine."""

from functools import cache
from math import cos, radians, sin
from typing import NamedTuple

import numpy as np
from jaxtyping import Float32, Int

from data_gen.scene import Alpha

_UNIT = 256
"""Weights are counted in 1/256. Positions are rounded to that before use."""


class Taps(NamedTuple):
    """The four source pixels of every target pixel, and their weights (which sum to 256 * 256)."""

    pixels: Int[np.ndarray, "4 p"]
    weights: Int[np.ndarray, "4 p"]


def rotate(glyphs: Alpha, *, degrees: int) -> Alpha:
    """Turn glyphs counter-clockwise about the centre. Pixels that leave the block are lost."""
    if degrees % 360 == 0:
        return glyphs
    n, height, width = glyphs.shape
    taps = _rotation_taps(degrees, height, width)
    flat = np.zeros((n, height * width + 1), np.int64)
    flat[:, :-1] = glyphs.reshape(n, -1)
    total = sum(flat[:, taps.pixels[tap]] * taps.weights[tap] for tap in range(4))
    rounded = (np.asarray(total) + _UNIT * _UNIT // 2) // (_UNIT * _UNIT)
    return rounded.astype(np.uint8).reshape(glyphs.shape)


@cache
def _rotation_taps(degrees: int, height: int, width: int) -> Taps:
    """Bilinear taps. Pixels outside the block point at one extra, empty pixel."""
    fine = 1 << 16
    cosine, sine = round(cos(radians(degrees)) * fine), round(sin(radians(degrees)) * fine)
    rows, columns = np.mgrid[:height, :width].reshape(2, -1)
    y, x = 2 * rows - height + 1, 2 * columns - width + 1
    # Target to source, in half pixels times 2**16, then in 1/256 of a pixel.
    half = 2 * fine // _UNIT
    source_y = (cosine * y + sine * x + (height - 1) * fine) // half
    source_x = (-sine * y + cosine * x + (width - 1) * fine) // half
    index, weight = [], []
    for down in (0, 1):
        for right in (0, 1):
            row, column = source_y // _UNIT + down, source_x // _UNIT + right
            inside = (row >= 0) & (row < height) & (column >= 0) & (column < width)
            index.append(np.where(inside, row * width + column, height * width))
            share_y, share_x = source_y % _UNIT, source_x % _UNIT
            weight.append(
                (share_y if down else _UNIT - share_y) * (share_x if right else _UNIT - share_x)
            )
    return Taps(np.stack(index), np.stack(weight))


def scale(glyphs: Alpha, *, sixteenths: int) -> Alpha:
    """Resize glyphs about the centre to this many sixteenths, by exact area averages."""
    height, width = glyphs.shape[1:]
    by_row, by_column = _shares(height, sixteenths), _shares(width, sixteenths)
    # Whole numbers below 2**24 are exact in float32, so the order of summation cannot matter.
    rows = np.floor((by_row @ glyphs.astype(np.float32)) / _UNIT + np.float32(0.5))
    both = np.floor((rows @ by_column.T) / _UNIT + np.float32(0.5))
    return np.minimum(both, 255).astype(np.uint8)


@cache
def _shares(size: int, sixteenths: int) -> Float32[np.ndarray, "s s"]:
    """Weight of source line j in target line i, in 1/256: the overlap of the two intervals."""
    shares = np.zeros((size, size), np.float32)
    for target in range(size):
        # In units of 1 / (2 * sixteenths) source pixel, measured from the block's edge.
        start = 16 * (2 * target - size) + size * sixteenths
        end = start + 32
        for source in range(size):
            unit = 2 * sixteenths
            overlap = min(end, (source + 1) * unit) - max(start, source * unit)
            shares[target, source] = (max(0, overlap) * _UNIT + 16) // 32
    return shares


def shift(glyphs: Alpha, *, down: int, right: int) -> Alpha:
    """Move glyphs by whole pixels. Pixels that leave the block are lost."""
    height, width = glyphs.shape[1:]
    out = np.zeros_like(glyphs)
    if abs(down) >= height or abs(right) >= width:
        return out
    target_rows = slice(max(0, down), height + min(0, down))
    source_rows = slice(max(0, -down), height + min(0, -down))
    target_columns = slice(max(0, right), width + min(0, right))
    source_columns = slice(max(0, -right), width + min(0, -right))
    out[:, target_rows, target_columns] = glyphs[:, source_rows, source_columns]
    return out
