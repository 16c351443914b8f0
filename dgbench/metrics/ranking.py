"""Ranks in which entries share a place where only chance may part them."""

from collections.abc import Iterator, Sequence

import numpy as np
from jaxtyping import Bool, Float, Int
from scipy import special

from dgbench.metrics.gram import STEPS_PER_UNIT, GramMatrix, quantised_deviations
from dgbench.metrics.intervals import Summary

_BLOCK = 250
"""Entries that are compared with all at a time."""


def significance_ranks(
    entries: Sequence[Summary], alpha: float = 0.05, gram: GramMatrix | None = None
) -> Int[np.ndarray, " e"]:
    """Rank each entry at 1 + the number of entries that are significantly better.

    Two entries are compared on the same images. The comparisons of one entry with all others are a
    family (Holm, two-sided at `alpha`), so a rank is too low by chance in at most alpha / 2 of the
    boards. The rank of an entry depends on its own comparisons alone, so a better score never gives
    a worse rank. A family of all pairs could not promise that.

    Args:
        entries: The summary of each entry, all of them with the same number of images.
        alpha: Level of the tests, in (0, 1).
        gram: The products of each two entries, which are most of the work. With it the image means
            of the entries are not read; only their number counts.

    Raises:
        ValueError: The entries have different numbers of images.

    Example:
        The second entry is best. The lead of the third over the first may be chance.

        >>> from dgbench.metrics.intervals import summarise_seeds
        >>> scores = [[0.10, 0.12, 0.11], [0.90, 0.91, 0.92], [0.11, 0.10, 0.14]]
        >>> significance_ranks([summarise_seeds(np.array(seeds)) for seeds in scores]).tolist()
        [2, 1, 2]
    """
    if not entries:
        return np.empty(0, np.int64)
    if len({len(entry.image_means) for entry in entries}) > 1:
        raise ValueError("Only results on the same images can be ranked.")
    blocks = _p_values_of_better(entries, alpha / 2, gram)
    return 1 + np.concatenate([n_rejected(p_values, alpha / 2) for p_values in blocks])


def significantly_better(
    entries: Sequence[Summary], alpha: float = 0.05
) -> Bool[np.ndarray, "e e"]:
    """Tell whether the entry of a column is significantly better than the entry of a row.

    Args:
        entries: The summary of each entry, all of them with the same number of images.
        alpha: Level of the tests, in (0, 1), as in `significance_ranks`.

    Example:
        >>> from dgbench.metrics.intervals import summarise_seeds
        >>> low, high = np.array([0.10, 0.12, 0.11]), np.array([0.90, 0.91, 0.92])
        >>> significantly_better([summarise_seeds(low), summarise_seeds(high)]).tolist()
        [[False, True], [False, False]]
    """
    n = len(entries)
    better = np.zeros((n, n), bool)
    if n < 2:
        return better
    p_values = np.concatenate(list(_p_values_of_better(entries, alpha / 2)))
    order = np.argsort(p_values, axis=1, kind="stable")
    is_rejected = np.zeros(p_values.shape, bool)
    first = np.arange(n - 1) < n_rejected(p_values, alpha / 2)[:, None]
    np.put_along_axis(is_rejected, order, first, axis=1)
    better[~np.eye(n, dtype=bool)] = is_rejected.ravel()
    return better


def n_rejected(p_values: Float[np.ndarray, "e m"], alpha: float) -> Int[np.ndarray, " e"]:
    """Count the hypotheses of each row that Holm's step-down procedure rejects (Holm 1979).

    Args:
        p_values: Shape (families, hypotheses), each in [0, 1].
        alpha: Probability of any false rejection in a row, in (0, 1).

    Example:
        In the first row 0.01 is below 0.05 / 3 and 0.02 below 0.05 / 2, but 0.3 is not below 0.05.

        >>> n_rejected(np.array([[0.3, 0.01, 0.02], [0.02, 0.02, 0.02]]), alpha=0.05).tolist()
        [2, 0]
    """
    n = p_values.shape[1]
    is_small = np.sort(p_values, axis=1) <= alpha / np.arange(n, 0, -1)
    return np.logical_and.accumulate(is_small, axis=1).sum(axis=1)


def _p_values_of_better(
    entries: Sequence[Summary], alpha: float, gram: GramMatrix | None = None
) -> Iterator[Float[np.ndarray, "b m"]]:
    """For a block of entries at a time, give the p-value of each other entry's lead.

    A p-value above `alpha` is given as 1, which saves its computation.
    """
    least_t = float(special.ndtri(1 - alpha))
    estimates = np.array([entry.estimate for entry in entries])
    seeds = np.array([entry.seed_variance for entry in entries])
    rests = np.array([entry.rest_variance for entry in entries])
    degrees = np.array([entry.n_seeds - 1 for entry in entries])
    by_freedom = seeds**2 / degrees
    gaps = _ImageGaps(entries, gram)
    for start in range(0, len(entries), _BLOCK):
        rows = slice(start, start + _BLOCK)
        lead = estimates - estimates[rows, None]
        images = gaps.variances(rows)
        of_seeds = seeds + seeds[rows, None]
        least = np.maximum(np.maximum(seeds, seeds[rows, None]), images) / 2
        variance = np.maximum(of_seeds + images - rests - rests[rows, None], least)
        weight = by_freedom + by_freedom[rows, None] + images**2 / gaps.freedom
        freedom = variance**2 / np.maximum(weight, np.finfo(float).tiny)
        freedom = np.maximum(freedom, np.minimum(degrees, degrees[rows, None]))
        p_values = np.where((lead > 0) & (variance <= 0), 0.0, 1.0)
        # The normal distribution has the lightest tails: what it does not reject, no t does.
        is_open = (lead > 0) & (variance > 0) & (lead**2 > least_t**2 * variance)
        t = lead[is_open] / np.sqrt(variance[is_open])
        p_values[is_open] = special.stdtr(freedom[is_open], -t)
        is_itself = np.arange(len(entries)) == np.arange(len(entries))[rows, None]
        yield p_values[~is_itself].reshape(len(p_values), -1)


class _ImageGaps:
    """The variances of mean differences that come from which images were drawn."""

    def __init__(self, entries: Sequence[Summary], gram: GramMatrix | None) -> None:
        n_images = len(entries[0].image_means)
        self.freedom = max(n_images - 1, 1)
        self._scale = 1 / (STEPS_PER_UNIT**2 * max(n_images, 1) * self.freedom)
        if gram is None:
            gram = GramMatrix.lazy(np.stack([quantised_deviations(entry) for entry in entries]))
        self._gram = gram

    def variances(self, rows: slice) -> Float[np.ndarray, "b e"]:
        diagonal = self._gram.diagonal
        gaps = diagonal + diagonal[rows, None] - 2 * self._gram.rows(rows)
        return np.maximum(gaps, 0) * self._scale
