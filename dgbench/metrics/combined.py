"""Intervals of weighted sums of means: along a family of benchmarks, or over a suite."""

from collections.abc import Hashable, Sequence

import numpy as np

from dgbench.metrics.intervals import Interval, Summary, interval_from_parts


def weighted_sum(
    summaries: Sequence[Summary],
    weights: Sequence[float],
    images: Sequence[Hashable],
    level: float = 0.95,
) -> Interval:
    """Compute the interval of a weighted sum of means, for other seeds and other images.

    Every mean has seeds of its own. Means on the same images share what is hard about these, so
    their image means are added before their spread is measured.

    Args:
        summaries: One for each mean, at least 1.
        weights: The weight of each mean.
        images: What images each mean is over: equal values say that they are the same ones.
        level: Probability that the interval holds the true sum, in (0, 1).

    Raises:
        ValueError: Means that are said to be over the same images have different numbers of them.

    Example:
        Two benchmarks with two seeds each, on the same three images.

        >>> from dgbench.metrics.intervals import summarise
        >>> easy = summarise(np.array([[1.0, 1.0, 0.0], [1.0, 1.0, 1.0]]))
        >>> hard = summarise(np.array([[1.0, 0.0, 0.0], [0.0, 0.0, 0.0]]))
        >>> interval = weighted_sum([easy, hard], [0.5, 0.5], ["digits", "digits"])
        >>> round(interval.estimate, 3), round(interval.low, 3), round(interval.high, 3)
        (0.5, -0.477, 1.477)
    """
    terms = list(zip(summaries, weights, images, strict=True))
    parts = [(weight**2 * mean.seed_variance, mean.n_seeds - 1.0) for mean, weight, _ in terms]
    for which in dict.fromkeys(images):
        means = [weight * mean.image_means for mean, weight, label in terms if label == which]
        n = len(means[0])
        if n:
            parts.append((float(np.sum(means, axis=0).var(ddof=1)) / n, n - 1.0))
    return interval_from_parts(
        sum(weight * mean.estimate for mean, weight, _ in terms),
        parts,
        sum(weight**2 * mean.rest_variance for mean, weight, _ in terms),
        level,
    )
