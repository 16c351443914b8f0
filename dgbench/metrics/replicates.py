"""Means that might have been measured as well, and how far ranks change among them."""

import hashlib
from typing import NamedTuple

import numpy as np
from jaxtyping import Float, Float32, Int
from scipy import special

from data_gen.foundation.documents import digest_of
from dgbench.metrics.intervals import Summary

N_REPLICATES = 2000
"""Replicates of each entry, from which rank intervals are made."""
_UNIT = float(1 << 30)
"""Replicates round the deviation of an image to 1 / _UNIT.

Sums of whole numbers are the same on every machine.
"""
_BLOCK = 250
"""Replicates that are ranked at a time."""


class RankIntervals(NamedTuple):
    """The ranks that each entry may have, both ends included. The best rank is 1."""

    low: Int[np.ndarray, " e"]
    high: Int[np.ndarray, " e"]


def replicates(
    entry: Summary, n: int = N_REPLICATES, freedom: float | None = None
) -> Float32[np.ndarray, " n"]:
    """Draw means that might have been measured with other images and seeds.

    Images are weighted by signs (a wild bootstrap: Liu 1988). The signs depend on nothing but the
    numbers of images and replicates, so replicate r of two entries is on the same images, and their
    difference is a paired one. Seeds are drawn from Student's t, since 3 seeds drawn again and
    again look more alike than seeds are. These draws depend on the entry's own values, so they
    differ between entries but not between machines.

    Args:
        entry: The summary of one entry.
        n: Number of replicates.
        freedom: Degrees of freedom of the draws of seeds, by default one less than there are seeds.

    Example:
        >>> from dgbench.metrics.intervals import summarise_seeds
        >>> drawn = replicates(summarise_seeds(np.array([0.5, 0.6, 0.7])), n=2000)
        >>> drawn.shape, bool(abs(np.median(drawn) - 0.6) < 0.01)
        ((2000,), True)
    """
    images = np.zeros(n)
    n_images = len(entry.image_means)
    if n_images:
        scaled = np.rint((entry.image_means - entry.estimate) * _UNIT)
        images = _signed_sums(scaled, n) / (_UNIT * n_images)
    of_seeds = max(0.0, entry.seed_variance - entry.rest_variance)
    of_draws = entry.n_seeds - 1 if freedom is None else freedom
    draws = special.stdtrit(of_draws, _uniforms(_content(entry), n))
    return (entry.estimate + images + np.sqrt(of_seeds) * draws).astype(np.float32)


def scales(freedom: float, n: int = N_REPLICATES) -> Float[np.ndarray, " n"]:
    """Draw by which factors the deviation of a sum may differ from its estimate.

    Normal draws times these are draws from Student's t. Used for all terms of a sum at once, they
    give the sum the degrees of freedom that Satterthwaite's formula finds for it, where draws from
    t for each term would make it too wide.

    Args:
        freedom: Degrees of freedom of the sum, above 0.
        n: Number of replicates.

    Example:
        >>> bool(abs(np.median(scales(1000.0)) - 1) < 0.01)
        True
    """
    halves = special.gammaincinv(freedom / 2, _uniforms(f"scales/{n}", n))
    return np.sqrt(freedom / 2 / halves)


def rank_intervals(replicates: Float[np.ndarray, "e r"], level: float = 0.95) -> RankIntervals:
    """Find the ranks between which each entry is in the given share of the replicates.

    Args:
        replicates: Shape (entries, replicates), all finite. The highest value of a column is first.
        level: Share of the replicates, in (0, 1).

    Raises:
        ValueError: A replicate is not finite.

    Example:
        The first two entries change places, the third is always last.

        >>> low, high = rank_intervals(np.array([[3.0, 2.0], [2.0, 3.0], [1.0, 1.0]]), level=0.95)
        >>> low.tolist(), high.tolist()
        ([1, 1, 3], [2, 2, 3])
    """
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
    """Rank the values of each row at 1 + the number of higher values."""
    order = np.argsort(-values, axis=1)
    ordered = np.take_along_axis(values, order, axis=1)
    is_lower = np.ones(values.shape, bool)
    is_lower[:, 1:] = ordered[:, 1:] != ordered[:, :-1]
    places = np.where(is_lower, np.arange(1, values.shape[1] + 1), 0)
    ranks = np.empty_like(places)
    np.put_along_axis(ranks, order, np.maximum.accumulate(places, axis=1), axis=1)
    return ranks


def _signed_sums(values: Float[np.ndarray, " i"], n: int) -> Float[np.ndarray, " n"]:
    """Sum whole numbers n times, each time with the signs of a row of a fixed matrix.

    A byte of random bits holds the signs of eight images. Their 256 possible sums are looked up,
    which takes a fifth of the time of multiplying by the matrix.
    """
    n_words = -(-len(values) // 64)
    eights = np.zeros((8 * n_words, 8))
    eights.ravel()[: len(values)] = values
    bits = np.unpackbits(np.arange(256, dtype=np.uint8)[:, None], axis=1).astype(float)
    words = _words(f"images/{len(values)}/{n}", n * n_words)
    octets = np.ascontiguousarray(words.astype("<u8").view(np.uint8).reshape(n, -1).T)
    positive = np.zeros(n)
    for sums, octet in zip(eights @ bits.T, octets, strict=True):
        positive += sums.take(octet)
    return 2 * positive - values.sum()


def _uniforms(key: str, n: int) -> Float[np.ndarray, " n"]:
    """Draw numbers in (0, 1)."""
    return ((_words(key, n) >> np.uint64(11)).astype(float) + 0.5) / float(1 << 53)


def _words(key: str, n: int) -> np.ndarray[tuple[int], np.dtype[np.uint64]]:
    """Draw the first words of a key. NumPy keeps these stable, but not its distributions."""
    # The key is that of the first replicates that were stored; it must not change.
    digest = hashlib.sha256(f"dgbench.metrics.ranking/{key}".encode()).digest()
    words = np.frombuffer(digest[:16], dtype="<u8").astype(np.uint64)
    return np.asarray(np.random.Philox(key=words).random_raw(n), np.uint64)


def _content(entry: Summary) -> str:
    values = np.array([*entry.seed_means, *entry.image_means])
    return f"seeds/{digest_of(values.astype('<f8').tobytes())}"
