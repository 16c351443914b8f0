"""Who is better than whom, beyond chance: ranks that ties share, and how sure a rank is."""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple, Self

import numpy as np
from jaxtyping import Bool, Float, Float32, Int
from scipy import special

from data_gen.foundation.documents import digest_of
from dgbench.metrics.intervals import Summary

N_REPLICATES = 2000
_UNIT = float(1 << 30)
"""Deviations of images are rounded to 1 / _UNIT: sums of whole numbers are the same everywhere."""
_STEP = float(1 << 18)
"""Deviations of images are rounded to 1 / _STEP where two entries' are multiplied: a sum over ten
thousand images is exact as long as they stay below 3.6."""
_BLOCK = 250
"""Replicates, or entries, that are worked on at a time."""


class RankIntervals(NamedTuple):
    """The ranks that each entry may have, both ends included; 1 is the best."""

    low: Int[np.ndarray, " e"]
    high: Int[np.ndarray, " e"]


def significance_ranks(
    entries: Sequence[Summary],
    alpha: float = 0.05,
    products: "ImageProducts | None" = None,
) -> Int[np.ndarray, " e"]:
    """1 + the number of entries that are significantly better, each time on the same images.

    The family of an entry are its comparisons with all others (Holm, two-sided at `alpha`), so a
    rank is too low by chance in at most alpha / 2 of the boards. What becomes of an entry's rank
    hangs on its own comparisons alone: a better score never gives a worse rank, which a family of
    all pairs cannot promise.

    `products` are most of the work. Where they are passed, nothing is asked of the entries' image
    means but how many there are.
    """
    if not entries:
        return np.empty(0, np.int64)
    if len({len(entry.image_means) for entry in entries}) > 1:
        raise ValueError("Only results on the same images can be ranked.")
    parts = _p_values_of_better(entries, alpha / 2, products)
    return 1 + np.concatenate([n_rejected(part, alpha / 2) for part in parts])


def significantly_better(
    entries: Sequence[Summary], alpha: float = 0.05
) -> Bool[np.ndarray, "e e"]:
    """Whether the entry of a column is significantly better than that of a row."""
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
    """How many hypotheses of each row Holm's step-down procedure rejects (Holm 1979)."""
    n = p_values.shape[1]
    is_small = np.sort(p_values, axis=1) <= alpha / np.arange(n, 0, -1)
    return np.logical_and.accumulate(is_small, axis=1).sum(axis=1)


def _p_values_of_better(
    entries: Sequence[Summary], alpha: float, products: "ImageProducts | None" = None
) -> Iterator[Float[np.ndarray, "b m"]]:
    """For some entries at a time: how likely is each other one's lead by chance? 1 if > alpha."""
    needed = float(special.ndtri(1 - alpha))
    estimates = np.array([entry.estimate for entry in entries])
    seeds = np.array([entry.seed_variance for entry in entries])
    rests = np.array([entry.rest_variance for entry in entries])
    degrees = np.array([entry.n_seeds - 1 for entry in entries])
    by_freedom = seeds**2 / degrees
    gaps = _ImageGaps(entries, products)
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
        found = np.where((lead > 0) & (variance <= 0), 0.0, 1.0)
        # No t distribution has lighter tails than the normal one: the others are no evidence.
        asked = (lead > 0) & (variance > 0) & (lead**2 > needed**2 * variance)
        found[asked] = special.stdtr(freedom[asked], -lead[asked] / np.sqrt(variance[asked]))
        itself = np.arange(len(entries)) == np.arange(len(entries))[rows, None]
        yield found[~itself].reshape(len(found), -1)


def image_steps(entry: Summary) -> Float32[np.ndarray, " i"]:
    """Each image's deviation from the entry's mean, in whole steps."""
    return np.rint((entry.image_means - entry.estimate) * _STEP).astype(np.float32)


def image_products(
    steps: Float32[np.ndarray, "e i"], others: Float32[np.ndarray, "o i"]
) -> Float[np.ndarray, "e o"]:
    """Sums over images of the products of two entries' steps, of `image_steps`.

    Steps are whole, so sums are exact: ranks are the same whatever was multiplied before, in
    whichever order and on whichever machine.
    """
    found = np.empty((len(steps), len(others)))
    for start in range(0, len(steps), _BLOCK):
        rows = slice(start, start + _BLOCK)
        exact = steps[rows].astype(float)
        for first in range(0, len(others), _BLOCK):
            columns = slice(first, first + _BLOCK)
            found[rows, columns] = exact @ others[columns].astype(float).T
    return found


class ImageProducts(NamedTuple):
    """The products of each two of some entries, all at hand or made when they are asked for."""

    own: Float[np.ndarray, " e"]
    """Of each entry with itself."""
    of_rows: Callable[[slice], Float[np.ndarray, "b e"]]
    """Of some entries with all."""

    @classmethod
    def made(cls, steps: Float32[np.ndarray, "e i"]) -> Self:
        """Made when they are asked for: those of ten thousand entries would fill 800 MB."""
        own = np.array([np.square(row, dtype=float).sum() for row in steps])
        return cls(own, lambda rows: image_products(steps[rows], steps))

    @classmethod
    def at_hand(cls, found: Float[np.ndarray, "e e"]) -> Self:
        """All of them, as `image_products` made them."""
        return cls(np.diag(found), lambda rows: found[rows])


class _ImageGaps:
    """The variances of mean differences that come from which images were drawn."""

    def __init__(self, entries: Sequence[Summary], products: ImageProducts | None) -> None:
        n_images = len(entries[0].image_means)
        self.freedom = max(n_images - 1, 1)
        self._scale = 1 / (_STEP**2 * max(n_images, 1) * self.freedom)
        if products is None:
            products = ImageProducts.made(np.stack([image_steps(entry) for entry in entries]))
        self._products = products

    def variances(self, rows: slice) -> Float[np.ndarray, "b e"]:
        own = self._products.own
        gaps = own + own[rows, None] - 2 * self._products.of_rows(rows)
        return np.maximum(gaps, 0) * self._scale


def replicates(entry: Summary, n: int = N_REPLICATES) -> Float32[np.ndarray, " n"]:
    """Means that might have been measured with other images and seeds.

    Images are weighted by signs (a wild bootstrap: Liu 1988) that depend on nothing but how many
    images and replicates there are, so replicate r of two entries is on the same images, and their
    difference is a paired one. Seeds are drawn from Student's t, since 3 seeds drawn again and
    again look more alike than seeds are; these draws hang on the entry's own values, so they differ
    between entries but not between machines.
    """
    images = np.zeros(n)
    n_images = len(entry.image_means)
    if n_images:
        scaled = np.rint((entry.image_means - entry.estimate) * _UNIT)
        images = _signed_sums(scaled, n) / (_UNIT * n_images)
    of_seeds = max(0.0, entry.seed_variance - entry.rest_variance)
    draws = special.stdtrit(entry.n_seeds - 1, _uniforms(_content(entry), n))
    return (entry.estimate + images + np.sqrt(of_seeds) * draws).astype(np.float32)


def rank_intervals(replicates: Float[np.ndarray, "e r"], level: float = 0.95) -> RankIntervals:
    """Between which ranks each entry is in this share of the replicates; the highest is first."""
    if not np.isfinite(replicates).all():
        raise ValueError("Some replicates are not finite.")
    n_entries, n = replicates.shape
    ranks = np.empty((n_entries, n), np.int32)
    for start in range(0, n, _BLOCK):
        columns = slice(start, start + _BLOCK)
        ranks[:, columns] = _ranks(np.ascontiguousarray(replicates[:, columns].T)).T
    tail = int((1 - level) / 2 * n)
    ranks.partition((tail, n - 1 - tail), axis=1)
    return RankIntervals(ranks[:, tail].astype(np.int64), ranks[:, n - 1 - tail].astype(np.int64))


def _ranks(values: Float[np.ndarray, "b e"]) -> Int[np.ndarray, "b e"]:
    """In each row 1 + the number of higher values."""
    order = np.argsort(-values, axis=1)
    ordered = np.take_along_axis(values, order, axis=1)
    is_lower = np.ones(values.shape, bool)
    is_lower[:, 1:] = ordered[:, 1:] != ordered[:, :-1]
    places = np.where(is_lower, np.arange(1, values.shape[1] + 1), 0)
    ranks = np.empty_like(places)
    np.put_along_axis(ranks, order, np.maximum.accumulate(places, axis=1), axis=1)
    return ranks


def _signed_sums(values: Float[np.ndarray, " i"], n: int) -> Float[np.ndarray, " n"]:
    """Sums of whole numbers, each with a sign from a fixed matrix of n rows.

    A byte of random bits has the signs of eight images. Their 256 sums are looked up, which takes a
    fifth of the time of multiplying by the matrix.
    """
    n_words = -(-len(values) // 64)
    eights = np.zeros((8 * n_words, 8))
    eights.ravel()[: len(values)] = values
    bits = np.unpackbits(np.arange(256, dtype=np.uint8)[:, None], axis=1).astype(float)
    words = _words(f"images/{len(values)}/{n}", n * n_words)
    octets = np.ascontiguousarray(words.astype("<u8").view(np.uint8).reshape(n, -1).T)
    found = np.zeros(n)
    for sums, which in zip(eights @ bits.T, octets, strict=True):
        found += sums.take(which)
    return 2 * found - values.sum()


def _uniforms(key: str, n: int) -> Float[np.ndarray, " n"]:
    """Numbers in (0, 1)."""
    return ((_words(key, n) >> np.uint64(11)).astype(float) + 0.5) / float(1 << 53)


def _words(key: str, n: int) -> np.ndarray[tuple[int], np.dtype[np.uint64]]:
    """The first words of a key; NumPy keeps these for ever, its distributions not."""
    digest = hashlib.sha256(f"dgbench.metrics.ranking/{key}".encode()).digest()
    words = np.frombuffer(digest[:16], dtype="<u8").astype(np.uint64)
    return np.asarray(np.random.Philox(key=words).random_raw(n), np.uint64)


def _content(entry: Summary) -> str:
    values = np.array([*entry.seed_means, *entry.image_means])
    return f"seeds/{digest_of(values.astype('<f8').tobytes())}"
