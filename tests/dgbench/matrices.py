"""Matrices of one measured value a seed and image, drawn at random."""

import numpy as np


def drawn(seed=0, *, n_seeds=4, n_images=30, of_seeds=0.3, of_images=1.0, of_rest=0.5):
    rng = np.random.default_rng(seed)
    rest = rng.normal(0, of_rest, (n_seeds, n_images))
    return rng.normal(0, of_seeds, (n_seeds, 1)) + rng.normal(0, of_images, n_images) + rest
