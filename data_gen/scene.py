"""The layers from which one block of an image is composed, in integer arithmetic.

A scene holds n blocks at once. From back to front: a plain background colour, underlays
(textures, half backgrounds), the glyph in its foreground colour, overlays (patches, frames).
Patterns add to or replace layers; `compose` blends them once at the end.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from jaxtyping import UInt8

from data_gen.glyph_pool import GlyphPool

Alpha = UInt8[np.ndarray, "n h w"]
"""Opacity of every pixel: 0 is clear, 255 is solid. A leading axis of 1 serves all images."""
Colors = UInt8[np.ndarray, "n 3"]
"""An RGB colour for each image."""


@dataclass(frozen=True, kw_only=True)
class Layer:
    """A colour laid over an image, as solid as its alpha says."""

    alpha: UInt8[np.ndarray, "m h w"]
    colors: UInt8[np.ndarray, "n 3"]


@dataclass(frozen=True, kw_only=True)
class Scene:
    """n blocks of h x w pixels, as layers."""

    glyph: Alpha
    foreground: Colors
    background: Colors
    underlays: tuple[Layer, ...] = ()
    overlays: tuple[Layer, ...] = ()
    glyph_pools: Mapping[str, GlyphPool]
    """Glyphs that patterns may draw, by source. `PRIMARY` is the benchmark's own."""

    @property
    def height(self) -> int:
        """Height of the block, in pixels."""
        return self.glyph.shape[1]

    @property
    def width(self) -> int:
        """Width of the block, in pixels."""
        return self.glyph.shape[2]

    def under(self, alpha: UInt8[np.ndarray, "m h w"], colors: Colors) -> "Scene":
        """This scene with one more layer behind the glyph."""
        return replace(self, underlays=(*self.underlays, Layer(alpha=alpha, colors=colors)))

    def over(self, alpha: UInt8[np.ndarray, "m h w"], colors: Colors) -> "Scene":
        """This scene with one more layer in front of everything."""
        return replace(self, overlays=(*self.overlays, Layer(alpha=alpha, colors=colors)))


PRIMARY = "primary"
"""The key of the benchmark's own source in `Scene.glyph_pools`."""


def compose(scene: Scene) -> UInt8[np.ndarray, "n h w 3"]:
    """Blend all layers of a scene into RGB pixels in [0, 255]."""
    n, height, width = scene.glyph.shape
    layers = (
        *scene.underlays,
        Layer(alpha=scene.glyph, colors=scene.foreground),
        *scene.overlays,
    )
    out = np.empty((n, height * width, 3), np.uint8)
    for channel in range(3):
        plane = scene.background[:, channel, None].astype(np.uint16)
        for layer in layers:
            alpha = layer.alpha.reshape(len(layer.alpha), -1).astype(np.uint16)
            plane = _blend(plane, layer.colors[:, channel, None].astype(np.uint16), alpha)
        out[:, :, channel] = plane
    return out.reshape(n, height, width, 3)


def _blend(
    below: np.ndarray[tuple[int, ...], np.dtype[np.uint16]],
    above: np.ndarray[tuple[int, ...], np.dtype[np.uint16]],
    alpha: np.ndarray[tuple[int, ...], np.dtype[np.uint16]],
) -> np.ndarray[tuple[int, ...], np.dtype[np.uint16]]:
    """(below * (255 - alpha) + above * alpha) / 255, rounded to the nearest, in 16 bits."""
    mixed = alpha * above
    if below.any():
        mixed += (np.uint16(255) - alpha) * below
    mixed += np.uint16(128)
    mixed += mixed >> np.uint16(8)
    return mixed >> np.uint16(8)


def full(n: int, color: tuple[int, int, int]) -> Colors:
    """The same colour for n images."""
    return np.broadcast_to(np.array(color, np.uint8), (n, 3))


def pad_to(glyphs: UInt8[np.ndarray, "n a b"], *, height: int, width: int) -> Alpha:
    """Glyphs centred on a block of this size, which must hold them."""
    n, inner_height, inner_width = glyphs.shape
    if (inner_height, inner_width) == (height, width):
        return glyphs
    out = np.zeros((n, height, width), np.uint8)
    top, left = (height - inner_height) // 2, (width - inner_width) // 2
    out[:, top : top + inner_height, left : left + inner_width] = glyphs
    return out


def mean_of(variants: list[Alpha]) -> Alpha:
    """Average of several alphas, rounded to the nearest."""
    total = np.zeros(variants[0].shape, np.uint32)
    for variant in variants:
        total += variant
    return ((total + len(variants) // 2) // len(variants)).astype(np.uint8)
