"""Sums over images of the products of two entries: most of the work of ranking."""

import numpy as np
from jaxtyping import Float, Float32

from dgbench.metrics.intervals import Summary

STEPS_PER_UNIT = float(1 << 18)
"""Products round the deviation of an image to 1 / STEPS_PER_UNIT.

A sum over ten thousand images is exact as long as deviations stay below 3.6.
"""
_BLOCK = 250
"""Entries that are multiplied at a time."""


def quantised_deviations(entry: Summary) -> Float32[np.ndarray, " i"]:
    """Count the steps of 2**-18 from the entry's mean to each image's mean, in whole numbers.

    Example:
        >>> from dgbench.metrics.intervals import summarise
        >>> quantised_deviations(summarise(np.array([[1.0, 0.0], [1.0, 0.0]]))).tolist()
        [131072.0, -131072.0]
    """
    return np.rint((entry.image_means - entry.estimate) * STEPS_PER_UNIT).astype(np.float32)


def gram_matrix(
    deviations: Float32[np.ndarray, "e i"], others: Float32[np.ndarray, "o i"]
) -> Float[np.ndarray, "e o"]:
    """Sum over images the products of the deviations of each two entries.

    Deviations are whole numbers, so sums are exact. Ranks are the same whatever was multiplied
    before, in whichever order and on whichever machine.

    Args:
        deviations: Shape (entries, images), rows of `quantised_deviations`.
        others: Shape (other entries, images).

    Example:
        >>> deviations = np.array([[1, -1], [2, 0]], np.float32)
        >>> gram_matrix(deviations, deviations).tolist()
        [[2.0, 2.0], [2.0, 4.0]]
    """
    products = np.empty((len(deviations), len(others)))
    for start in range(0, len(deviations), _BLOCK):
        rows = slice(start, start + _BLOCK)
        exact = deviations[rows].astype(float)
        for first in range(0, len(others), _BLOCK):
            columns = slice(first, first + _BLOCK)
            products[rows, columns] = exact @ others[columns].astype(float).T
    return products
