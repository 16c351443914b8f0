"""Glyphs of one source that a split may show, grouped to be picked by class."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Int, UInt8

from data_gen.idx import Glyphs
from data_gen.streams import Stream


@dataclass(frozen=True)
class GlyphPool:
    """Glyphs grouped by class, and the mean of all training glyphs."""

    images: UInt8[np.ndarray, "n h w"]
    order: Int[np.ndarray, " m"]
    """Indices into `images`, class by class."""
    starts: Int[np.ndarray, " c"]
    """The beginning of each class in `order`."""
    counts: Int[np.ndarray, " c"]
    mean: UInt8[np.ndarray, "h w"]

    def pick(self, classes: Int[np.ndarray, " n"], stream: Stream) -> UInt8[np.ndarray, "n h w"]:
        """Return a random glyph of each class."""
        share = stream.words("glyph") >> np.uint64(32)
        within = (share * self.counts[classes].astype(np.uint64)) >> np.uint64(32)
        return self.images[self.order[self.starts[classes] + within.astype(np.int64)]]


def make_glyph_pool(
    training: Glyphs,
    training_indices: Int[np.ndarray, " t"],
    shown: Glyphs,
    shown_indices: Int[np.ndarray, " m"],
) -> GlyphPool:
    """Make the pool of the shown glyphs. Its mean is always that of the training glyphs."""
    labels = shown.labels[shown_indices].astype(np.int64)
    counts = np.bincount(labels)
    total = training.images[training_indices].sum(axis=0, dtype=np.int64)
    n = len(training_indices)
    return GlyphPool(
        images=shown.images,
        order=shown_indices[np.argsort(labels, kind="stable")],
        starts=np.cumsum(counts) - counts,
        counts=counts,
        mean=((total + n // 2) // n).astype(np.uint8),
    )
