"""Intervals and differences of means over seeds and images, where both are a sample.

The model of a matrix of values, seeds by images, is `mean + seed + image + rest`, each part random.
Intervals, differences and ranks need nothing of the matrix but its `Summary`.

Source: Satterthwaite 1946, "An approximate distribution of estimates of variance components"; the
linear combination of mean squares is that of a crossed two-way layout with both factors random.
"""

from dataclasses import dataclass
from math import fsum, nan, sqrt
from typing import NamedTuple

import numpy as np
from jaxtyping import Float
from scipy import special

from dgbench.metrics.caution import caution_of_test

Values = Float[np.ndarray, "s n"]
"""Seeds by images. Matrices that are compared have the same images in the same order."""

CAUTION = 1.5
"""Weight of the seeds' share in the degrees of freedom of a single mean.

Where few seeds happen to be alike, both the error and the doubt about the error are estimated too
small. Without this weight the intervals of 3 seeds cover the truth in 92 % (`speed/coverage.py`).
A difference has a weight of its own: `caution_of_test`.
"""


class Interval(NamedTuple):
    """A confidence interval of a mean."""

    estimate: float
    low: float
    high: float
    degrees_of_freedom: float
    """Satterthwaite's, with `CAUTION`. It need not be a whole number."""


class Difference(NamedTuple):
    """The lead of one mean over another on the same images."""

    interval: Interval
    p_value: float
    """Two-sided probability of so large a difference between equal methods, in [0, 1]."""


@dataclass(frozen=True, kw_only=True)
class Summary:
    """All that statistics need of a matrix of values.

    Sums are exact, so the order of seeds does not matter.
    """

    estimate: float
    n_seeds: int
    seed_variance: float
    """Variance of the mean by the spread of the seeds' means, `rest_variance` included."""
    image_variance: float
    """Variance of the mean by the spread of the images' means, `rest_variance` included."""
    rest_variance: float
    """Variance of the mean from what neither seed nor image explains."""
    image_means: Float[np.ndarray, " n"]
    """The mean over seeds of each image, empty where only the seeds' scores are given."""
    seed_means: tuple[float, ...]
    """The mean over images of each seed, in ascending order."""


def summarise(values: Values) -> Summary:
    """Summarise a matrix of values.

    Args:
        values: Shape (seeds, images), at least 2 of both, all finite.

    Raises:
        ValueError: There are fewer seeds or images, or a value is not finite.

    Example:
        >>> summary = summarise(np.array([[1.0, 0.0, 1.0], [1.0, 0.0, 0.0]]))
        >>> summary.estimate, summary.n_seeds, summary.image_means.tolist()
        (0.5, 2, [1.0, 0.0, 0.5])
    """
    n_seeds, n_images = values.shape
    if n_seeds < 2 or n_images < 2:
        raise ValueError(f"{n_seeds} seeds and {n_images} images: 2 of both are needed at least.")
    if not np.isfinite(values).all():
        raise ValueError("Some values are not finite; a run that diverged has no score.")
    exact = np.ascontiguousarray(values, np.float64)
    # Seeds have no order: sums over them are made of sorted numbers.
    image_means = np.sort(exact, axis=0).sum(axis=0) / n_seeds
    seed_means = sorted(fsum(row.tolist()) / n_images for row in exact)
    estimate = fsum(seed_means) / n_seeds
    of_seeds = n_images * fsum((mean - estimate) ** 2 for mean in seed_means)
    of_images = n_seeds * fsum(((image_means - estimate) ** 2).tolist())
    total = fsum(sorted(fsum(((row - estimate) ** 2).tolist()) for row in exact))
    of_rest = max(0.0, total - of_seeds - of_images)
    n = n_seeds * n_images
    return Summary(
        estimate=estimate,
        n_seeds=n_seeds,
        seed_variance=of_seeds / (n_seeds - 1) / n,
        image_variance=of_images / (n_images - 1) / n,
        rest_variance=of_rest / ((n_seeds - 1) * (n_images - 1)) / n,
        image_means=image_means,
        seed_means=tuple(seed_means),
    )


def summarise_seeds(scores: Float[np.ndarray, " s"]) -> Summary:
    """Summarise one score for each seed, where nothing is given for single images.

    Intervals of such a summary hold for other seeds on the same images.

    Args:
        scores: Shape (seeds,), at least 2, all finite.

    Raises:
        ValueError: There are fewer than 2 scores, or one is not finite.

    Example:
        >>> summarise_seeds(np.array([0.5, 0.25])).seed_means
        (0.25, 0.5)
    """
    if len(scores) < 2 or not np.isfinite(scores).all():
        raise ValueError("At least 2 seeds with finite scores are needed.")
    ascending = sorted(scores.tolist())
    n_seeds = len(ascending)
    estimate = fsum(ascending) / n_seeds
    spread = fsum((score - estimate) ** 2 for score in ascending) / (n_seeds - 1)
    return Summary(
        estimate=estimate,
        n_seeds=n_seeds,
        seed_variance=spread / n_seeds,
        image_variance=0.0,
        rest_variance=0.0,
        image_means=np.empty(0),
        seed_means=tuple(ascending),
    )


def two_way_interval(values: Values, level: float = 0.95) -> Interval:
    """Compute the interval of the mean, for other seeds and other images of the same kind.

    Args:
        values: Shape (seeds, images), at least 2 of both, all finite.
        level: Probability that the interval holds the true mean, in (0, 1).

    Example:
        Three seeds are right on 6, 7 and 8 of every ten images.

        >>> values = (np.arange(1000) % 10 < np.array([[6], [7], [8]])).astype(float)
        >>> interval = two_way_interval(values)
        >>> round(interval.estimate, 4), round(interval.low, 4), round(interval.high, 4)
        (0.7, 0.4462, 0.9538)
    """
    return interval_of(summarise(values), level)


def interval_of(summary: Summary, level: float = 0.95) -> Interval:
    """Compute the interval of a summary's mean.

    Args:
        summary: What `summarise` or `summarise_seeds` gives.
        level: Probability that the interval holds the true mean, in (0, 1).

    Example:
        With scores of seeds alone this is Student's interval.

        >>> interval = interval_of(summarise_seeds(np.array([0.5, 0.6, 0.7])))
        >>> round(interval.estimate, 4), round(interval.low, 4), round(interval.high, 4)
        (0.6, 0.3516, 0.8484)
    """
    parts = [(summary.seed_variance, summary.n_seeds - 1.0)]
    if len(summary.image_means):
        parts.append((summary.image_variance, len(summary.image_means) - 1.0))
    caution = CAUTION if len(parts) > 1 else 1.0
    return interval_from_parts(summary.estimate, parts, summary.rest_variance, level, caution)


def paired_difference(
    a: Float[np.ndarray, "s n"], b: Float[np.ndarray, "t m"], level: float = 0.95
) -> Difference:
    """Compute how much higher the mean of `a` is than that of `b`, with images paired.

    Seeds are not paired. The same seed of two methods shares nothing but its number, so each
    method's seeds are a sample of their own, and their numbers may differ. An image that is hard
    for one method is hard for the other too, so images are compared one by one.

    Args:
        a: Shape (seeds of a, images).
        b: Shape (seeds of b, images), the same images in the same order.
        level: Probability that the interval holds the true difference, in (0, 1).

    Example:
        The seeds of `a` are right on 6, 7 and 8 of every ten images, those of `b` on 3 and 4.

        >>> a = (np.arange(1000) % 10 < np.array([[6], [7], [8]])).astype(float)
        >>> b = (np.arange(1000) % 10 < np.array([[3], [4]])).astype(float)
        >>> interval, p_value = paired_difference(a, b)
        >>> round(interval.estimate, 4), round(p_value, 4)
        (0.35, 0.0212)
    """
    return difference_of(summarise(a), summarise(b), level)


def difference_of(a: Summary, b: Summary, level: float = 0.95) -> Difference:
    """Compute the paired difference of two summaries, as `paired_difference` describes it.

    Raises:
        ValueError: The summaries have different numbers of images.

    Example:
        With scores of seeds alone this is Welch's test.

        >>> a, b = summarise_seeds(np.array([0.5, 0.6, 0.7])), summarise_seeds(np.array([0.2, 0.3]))
        >>> interval, p_value = difference_of(a, b)
        >>> round(interval.estimate, 4), round(p_value, 4)
        (0.35, 0.0213)
    """
    if len(a.image_means) != len(b.image_means):
        raise ValueError("Only results on the same images can be compared.")
    parts = [(a.seed_variance, a.n_seeds - 1.0), (b.seed_variance, b.n_seeds - 1.0)]
    n_images = len(a.image_means)
    if n_images:
        gaps = a.image_means - b.image_means
        parts.append((float(gaps.var(ddof=1)) / n_images, n_images - 1.0))
    shared = a.rest_variance + b.rest_variance
    return _difference(a.estimate - b.estimate, parts, shared, level)


def interval_from_parts(
    estimate: float,
    parts: list[tuple[float, float]],
    shared: float,
    level: float,
    caution: float = 1.0,
) -> Interval:
    """Compute an interval from variances, each with its degrees of freedom.

    Args:
        estimate: The middle of the interval.
        parts: Variances that add up, with the degrees of freedom of each.
        shared: The variance that the parts count twice. It is an estimate and may be too high, so
            half of the largest part always stays.
        level: Probability that the interval holds the truth, in (0, 1).
        caution: Weight of the first part in the degrees of freedom of the sum.

    Example:
        >>> interval = interval_from_parts(0.5, [(0.01, 1e9)], 0.0, 0.95)
        >>> round(interval.low, 3), round(interval.high, 3)
        (0.304, 0.696)
    """
    variance = _variance(parts, shared)
    if variance <= 0:
        return Interval(estimate, estimate, estimate, nan)
    (of_seeds, degrees), *others = parts
    weight = caution * of_seeds**2 / degrees + sum(part**2 / n for part, n in others)
    freedom = max(variance**2 / weight, min(n for _, n in parts))
    reach = float(special.stdtrit(freedom, (1 + level) / 2)) * sqrt(variance)
    return Interval(estimate, estimate - reach, estimate + reach, freedom)


def _difference(
    lead: float, parts: list[tuple[float, float]], shared: float, level: float
) -> Difference:
    """Compute the interval and the test of a lead. The first two parts are those of the seeds."""
    variance = _variance(parts, shared)
    if variance <= 0:
        # Nothing varies, so any difference is certain.
        return Difference(Interval(lead, lead, lead, nan), float(lead == 0))
    of_seeds, of_images = (np.array([fsum(v for v, _ in some)]) for some in (parts[:2], parts[2:]))
    caution = float(caution_of_test(of_seeds, of_images)[0])
    weight = sum(
        (caution if place < 2 else 1) * part**2 / n for place, (part, n) in enumerate(parts)
    )
    freedom = max(variance**2 / weight, min(n for _, n in parts))
    error = sqrt(variance)
    reach = float(special.stdtrit(freedom, (1 + level) / 2)) * error
    p_value = float(2 * special.stdtr(freedom, -abs(lead) / error))
    return Difference(Interval(lead, lead - reach, lead + reach, freedom), p_value)


def _variance(parts: list[tuple[float, float]], shared: float) -> float:
    return max(sum(part for part, _ in parts) - shared, max(parts)[0] / 2)
