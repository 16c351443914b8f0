"""Tiers: entries in the order of their scores, parted where chance does not explain the gap."""

from collections.abc import Sequence
from typing import Literal, NamedTuple, Self

import numpy as np
from jaxtyping import Bool, Float, Float32
from scipy import special

from dgbench.metrics.caution import caution_of_test
from dgbench.metrics.gram import STEPS_PER_UNIT, gram_matrix, quantised_deviations
from dgbench.metrics.intervals import Summary, interval_of

LEVEL = 0.05 / 100
"""Level of the two-sided test of two entries.

It is the same on every board, so what is said of two entries depends on these two alone. It is so
low because a board has many pairs: of 15 entries there are about a hundred.
"""
WIDEST = 0.3
"""Width of the 95 % interval above which an entry is unstable."""
PairVerdict = Literal["better", "worse", "not shown different"]
"""What a comparison says of the first of two entries."""

_FIRST_BLOCK, _LARGEST_BLOCK = 16, 256
"""Entries that are compared with a tier's best at a time. Most tiers end early."""


class Contender(NamedTuple):
    """An entry as comparisons need it."""

    summary: Summary
    """Of the image means only the number is read."""
    deviations: Float32[np.ndarray, " i"]
    """The deviation of each image from the entry's mean, in whole steps."""

    @classmethod
    def of(cls, summary: Summary) -> Self:
        """Make a contender of a summary with its image means.

        Example:
            >>> from dgbench.metrics.intervals import summarise
            >>> values = np.array([[1.0, 0.0], [1.0, 0.5]])
            >>> Contender.of(summarise(values)).summary.estimate
            0.625
        """
        return cls(summary, quantised_deviations(summary))


class Place(NamedTuple):
    """The position of an entry among those that it is ranked with."""

    rank: int
    """Its place in the order of the scores, from 1. Names decide between equal scores."""
    tier: int
    """Its tier, from 1. Nothing of a tier was shown to be worse than the tier's best."""
    is_unstable: bool
    """Whether its interval is wider than `WIDEST`, so that it cannot be the best of a tier."""
    against_best: PairVerdict | None
    """How it compares with the best of the first tier. None for that entry itself."""


def verdict(mine: Contender, other: Contender) -> PairVerdict:
    """Tell whether one entry is better or worse than another, by a paired test at `LEVEL`.

    Raises:
        ValueError: The entries have different numbers of images.

    Example:
        >>> from dgbench.metrics.intervals import summarise_seeds
        >>> low, high = (Contender.of(summarise_seeds(np.array([x, x + 0.01]))) for x in (0.1, 0.9))
        >>> verdict(low, high), verdict(high, low), verdict(low, low)
        ('worse', 'better', 'not shown different')
    """
    return _verdicts([mine], other)[0]


def places(entries: Sequence[Contender], names: Sequence[str]) -> list[Place]:
    """Order entries by score and part them into tiers.

    A tier begins where the one above it ends, which is before the first entry that is
    significantly worse than the best of the tier. An unstable entry is never the best of a tier:
    the first stable one after it is. So an unstable entry belongs to the tier in which its score
    places it, or to one of unstable entries only, which has no best.

    Args:
        entries: All of them with the same number of images.
        names: A name for each, for the order of entries with equal scores. Entries that are equal
            in both stay in the order given.

    Raises:
        ValueError: The entries have different numbers of images.

    Example:
        The last entry is best. The lead of the first over the second may be chance.

        >>> from dgbench.metrics.intervals import summarise_seeds
        >>> scores = [[0.12, 0.11, 0.14], [0.10, 0.12, 0.11], [0.90, 0.91, 0.92]]
        >>> entries = [Contender.of(summarise_seeds(np.array(seeds))) for seeds in scores]
        >>> [(place.rank, place.tier) for place in places(entries, "abc")]
        [(2, 2), (3, 2), (1, 1)]
    """
    if len({len(entry.summary.image_means) for entry in entries}) > 1:
        raise ValueError("Only results on the same images can be ranked.")
    order = sorted(
        range(len(entries)), key=lambda index: (-entries[index].summary.estimate, names[index])
    )
    ordered = [entries[index] for index in order]
    unstable = [is_unstable(entry.summary) for entry in ordered]
    tiers = _tiers(ordered, unstable)
    against = _against_best(ordered, unstable)
    by_index = {
        index: Place(position + 1, tiers[position], unstable[position], against[position])
        for position, index in enumerate(order)
    }
    return [by_index[index] for index in range(len(entries))]


def is_unstable(summary: Summary) -> bool:
    """Tell whether an entry scatters so much that it can be the best of no tier.

    Example:
        >>> from dgbench.metrics.intervals import summarise_seeds
        >>> is_unstable(summarise_seeds(np.array([0.4, 0.6, 0.8])))
        True
        >>> is_unstable(summarise_seeds(np.array([0.55, 0.6, 0.65])))
        False
    """
    interval = interval_of(summary)
    return interval.high - interval.low > WIDEST


def _tiers(ordered: Sequence[Contender], unstable: Sequence[bool]) -> list[int]:
    """Number the tier of each entry, the best entries first."""
    tiers: list[int] = []
    n_tiers = 0
    while len(tiers) < len(ordered):
        n_tiers += 1
        best = _first_stable(unstable, len(tiers))
        end = len(ordered) if best is None else _end_of_tier(ordered, best)
        tiers += [n_tiers] * (end - len(tiers))
    return tiers


def _first_stable(unstable: Sequence[bool], start: int) -> int | None:
    return next((place for place in range(start, len(unstable)) if not unstable[place]), None)


def _end_of_tier(ordered: Sequence[Contender], best: int) -> int:
    """Find the first entry after a tier's best that is significantly worse, or the end."""
    start, size = best + 1, _FIRST_BLOCK
    while start < len(ordered):
        block = ordered[start : start + size]
        is_worse = _differs(block, ordered[best])
        if is_worse.any():
            return start + int(is_worse.argmax())
        start, size = start + len(block), min(2 * size, _LARGEST_BLOCK)
    return len(ordered)


def _against_best(
    ordered: Sequence[Contender], unstable: Sequence[bool]
) -> list[PairVerdict | None]:
    """Compare each entry with the best of the first tier, which is the first stable entry."""
    best = _first_stable(unstable, 0)
    if best is None:
        return [None] * len(ordered)
    verdicts: list[PairVerdict | None] = []
    for start in range(0, len(ordered), _LARGEST_BLOCK):
        verdicts += _verdicts(ordered[start : start + _LARGEST_BLOCK], ordered[best])
    verdicts[best] = None
    return verdicts


def _verdicts(entries: Sequence[Contender], other: Contender) -> list[PairVerdict]:
    differs = _differs(entries, other)
    return [
        "not shown different"
        if not is_different
        else "better"
        if entry.summary.estimate > other.summary.estimate
        else "worse"
        for entry, is_different in zip(entries, differs, strict=True)
    ]


def _differs(entries: Sequence[Contender], other: Contender) -> Bool[np.ndarray, " e"]:
    """Tell which entries differ significantly from another: the one test behind all verdicts."""
    mine = other.summary
    lead = np.array([entry.summary.estimate for entry in entries]) - mine.estimate
    seeds = np.array([entry.summary.seed_variance for entry in entries])
    rests = np.array([entry.summary.rest_variance for entry in entries])
    degrees = np.array([entry.summary.n_seeds - 1 for entry in entries])
    images = _image_variances(entries, other)
    n_images = len(mine.image_means)
    of_seeds = seeds + mine.seed_variance
    least = np.maximum(np.maximum(seeds, mine.seed_variance), images) / 2
    variance = np.maximum(of_seeds + images - (rests + mine.rest_variance), least)
    by_seeds = seeds**2 / degrees + mine.seed_variance**2 / (mine.n_seeds - 1)
    caution = caution_of_test(of_seeds, images)
    weight = caution * by_seeds + images**2 / max(n_images - 1, 1)
    freedom = variance**2 / np.maximum(weight, np.finfo(float).tiny)
    freedom = np.maximum(freedom, np.minimum(degrees, mine.n_seeds - 1))
    # Where nothing varies, any difference is certain.
    differs = (lead != 0) & (variance <= 0)
    # The normal distribution has the lightest tails: what it does not reject, no t does.
    least_t = float(special.ndtri(1 - LEVEL / 2))
    is_open = (variance > 0) & (lead**2 > least_t**2 * variance)
    t = np.abs(lead[is_open]) / np.sqrt(variance[is_open])
    differs[is_open] = 2 * special.stdtr(freedom[is_open], -t) <= LEVEL
    return differs


def _image_variances(entries: Sequence[Contender], other: Contender) -> Float[np.ndarray, " e"]:
    """The variances of mean differences that come from which images were drawn."""
    n_images = len(other.summary.image_means)
    if {len(entry.summary.image_means) for entry in entries} != {n_images}:
        raise ValueError("Only results on the same images can be compared.")
    deviations = np.stack([entry.deviations for entry in entries])
    products = gram_matrix(deviations, other.deviations[None])[:, 0]
    squares = np.array([np.square(row, dtype=float).sum() for row in deviations])
    square = float(np.square(other.deviations, dtype=float).sum())
    scale = 1 / (STEPS_PER_UNIT**2 * max(n_images, 1) * max(n_images - 1, 1))
    return np.maximum(squares + square - 2 * products, 0) * scale
