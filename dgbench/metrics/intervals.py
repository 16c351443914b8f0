"""How far a mean over seeds and images may be from the truth, where both are a sample.

A matrix of values, seeds by images, is read as `mean + seed + image + rest`, each part random. All
that intervals, differences and ranks need of it is its `Summary`.

Source: Satterthwaite 1946, "An approximate distribution of estimates of variance components"; the
linear combination of mean squares is that of a crossed two-way layout with both factors random.
"""

from dataclasses import dataclass
from math import fsum, isfinite, nan, sqrt
from typing import NamedTuple

import numpy as np
from jaxtyping import Float
from scipy import special

Values = Float[np.ndarray, "s n"]
"""Seeds by images. The images are the same, in the same order, in all that is compared."""


CAUTION = 1.5
"""Weight of the seeds' share in the degrees of freedom of a single mean.

Where few seeds happen to be alike, the error and the doubt about the error are both taken for too
small; without this, 3 seeds cover the truth in 92 % (`speed/coverage.py`). In a difference two
methods' seeds seldom do so together, and Satterthwaite's own weight of 1 holds.
"""


class Interval(NamedTuple):
    """A confidence interval of a mean."""

    estimate: float
    low: float
    high: float
    degrees_of_freedom: float
    """By Satterthwaite, with `CAUTION`; not a whole number."""


class Difference(NamedTuple):
    """How much higher one mean is than another, on the same images."""

    interval: Interval
    p_value: float
    """Two-sided: how likely is so large a difference between equal methods?"""


@dataclass(frozen=True, kw_only=True)
class Summary:
    """What statistics need to know of a matrix of values; sums are exact, so it has no order."""

    estimate: float
    n_seeds: int
    seed_variance: float
    """Of the mean, as the spread of the seeds' means shows it; part of it is `rest_variance`."""
    image_variance: float
    """Of the mean, as the spread of the images' means shows it; part of it is `rest_variance`."""
    rest_variance: float
    """Of the mean, from what neither seed nor image explains; counted in both of the others."""
    image_means: Float[np.ndarray, " n"]
    """Mean over seeds of each image; empty where only the seeds' scores are known."""
    seed_means: tuple[float, ...]
    """Sorted."""


def summarise(values: Values) -> Summary:
    """The summary of a matrix of at least 2 seeds and 2 images; ValueError for anything else."""
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
    """The summary where only one score a seed is known: nothing is said about other images."""
    if len(scores) < 2 or not np.isfinite(scores).all():
        raise ValueError("At least 2 seeds with finite scores are needed.")
    found = sorted(scores.tolist())
    estimate = fsum(found) / len(found)
    spread = fsum((score - estimate) ** 2 for score in found) / (len(found) - 1)
    return Summary(
        estimate=estimate,
        n_seeds=len(found),
        seed_variance=spread / len(found),
        image_variance=0.0,
        rest_variance=0.0,
        image_means=np.empty(0),
        seed_means=tuple(found),
    )


def two_way_interval(values: Values, level: float = 0.95) -> Interval:
    """The interval of the mean for other seeds and other images of the same kind."""
    return interval_of(summarise(values), level)


def interval_of(found: Summary, level: float = 0.95) -> Interval:
    """The interval of a summary's mean."""
    parts = [(found.seed_variance, found.n_seeds - 1.0)]
    if len(found.image_means):
        parts.append((found.image_variance, len(found.image_means) - 1.0))
    caution = CAUTION if len(parts) > 1 else 1.0
    return _interval(found.estimate, parts, found.rest_variance, level, caution)


def paired_difference(
    a: Float[np.ndarray, "s n"], b: Float[np.ndarray, "t m"], level: float = 0.95
) -> Difference:
    """How much higher the mean of `a` is than that of `b`: images paired, seeds not.

    A seed of one method has nothing in common with the same seed of another one but its number, so
    each method's seeds are a sample of their own (their numbers may differ); an image that is hard
    for one method is hard for the other too, so images are compared one by one.
    """
    return difference_of(summarise(a), summarise(b), level)


def difference_of(a: Summary, b: Summary, level: float = 0.95) -> Difference:
    """The paired difference of two summaries."""
    if len(a.image_means) != len(b.image_means):
        raise ValueError("Only results on the same images can be compared.")
    parts = [(a.seed_variance, a.n_seeds - 1.0), (b.seed_variance, b.n_seeds - 1.0)]
    n_images = len(a.image_means)
    if n_images:
        gaps = a.image_means - b.image_means
        parts.append((float(gaps.var(ddof=1)) / n_images, n_images - 1.0))
    shared = a.rest_variance + b.rest_variance
    interval = _interval(a.estimate - b.estimate, parts, shared, level)
    return Difference(interval, _p_value(interval, level))


def _interval(
    estimate: float,
    parts: list[tuple[float, float]],
    shared: float,
    level: float,
    caution: float = 1.0,
) -> Interval:
    """From variances with their degrees of freedom, and what is counted twice among them.

    What is counted twice is only an estimate, and may be too much: half of the largest part stays.
    """
    variance = max(sum(part for part, _ in parts) - shared, max(parts)[0] / 2)
    if variance <= 0:
        return Interval(estimate, estimate, estimate, nan)
    (of_seeds, degrees), *others = parts
    weight = caution * of_seeds**2 / degrees + sum(part**2 / n for part, n in others)
    freedom = max(variance**2 / weight, min(n for _, n in parts))
    reach = float(special.stdtrit(freedom, (1 + level) / 2)) * sqrt(variance)
    return Interval(estimate, estimate - reach, estimate + reach, freedom)


def _p_value(interval: Interval, level: float) -> float:
    if not isfinite(interval.degrees_of_freedom):
        # Nothing varies: two methods that differ at all differ for certain.
        return float(interval.estimate == 0)
    reach = interval.high - interval.estimate
    error = reach / float(special.stdtrit(interval.degrees_of_freedom, (1 + level) / 2))
    return float(2 * special.stdtr(interval.degrees_of_freedom, -abs(interval.estimate) / error))
