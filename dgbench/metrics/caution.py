"""Caution about few seeds in tests of two means."""

import numpy as np
from jaxtyping import Float


def caution_of_test(
    of_seeds: Float[np.ndarray, " e"], of_images: Float[np.ndarray, " e"]
) -> Float[np.ndarray, " e"]:
    """Compute the weight of the seeds' share in the degrees of freedom of a test of two means.

    With scores of seeds alone it is 1, so that the test is Welch's. Where images count as well,
    seeds that happen to be alike make both the error and the doubt about it too small. That shows
    in the far tails, where the comparisons of many pairs are decided (`speed/coverage.py`).

    Args:
        of_seeds: Variances of differences by the spread of the seeds' means.
        of_images: Variances of the same differences by the spread of the images' means.

    Example:
        >>> caution_of_test(np.array([0.5, 0.5]), np.array([0.0, 0.5])).tolist()
        [1.0, 1.5]
    """
    return 1 + of_images / np.maximum(of_seeds + of_images, np.finfo(float).tiny)
