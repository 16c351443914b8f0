"""Thresholds along a family of benchmarks, at which a pattern ceases or begins to be found.

A curve is the score of one method on each member of a family, in the family's order. Positions on
it are numbers from 0, the first member, to 1, the last, in equal steps.
"""

from collections.abc import Sequence
from math import inf, isfinite
from typing import NamedTuple

import numpy as np
from jaxtyping import Float

from dgbench.metrics.combined import weighted_sum
from dgbench.metrics.intervals import CAUTION, Summary
from dgbench.metrics.replicates import replicates, scales

_CERTAIN = 1e9
"""Degrees of freedom where nothing varies."""


class Estimate(NamedTuple):
    """A number with the ends of its interval, which are None where no interval can be told."""

    value: float
    low: float | None
    high: float | None


class Curve(NamedTuple):
    """A threshold and an area, which sum up a curve."""

    threshold: Estimate
    """Position at which the score crosses the height: -inf before the list, inf beyond it."""
    area: Estimate
    """Area under the curve over positions: the score that a method has on average."""


def curve_of(
    scores: Sequence[float],
    *,
    height: float,
    rises: bool,
    summaries: Sequence[Summary] | None = None,
    level: float = 0.95,
) -> Curve:
    """Compute the threshold and the area of a curve, with intervals over seeds and images.

    The interval of the threshold has percentiles of curves that might have been measured as well
    (`replicates`): other images, which are the same in all members, and other seeds, which are not.

    Args:
        scores: The score on each member, at least 2.
        height: The score from which a pattern counts as found.
        rises: Whether the score rises along the family. Otherwise it falls.
        summaries: The summary of each member's score, or None if there are not seeds enough.
        level: Probability that an interval holds the truth, in (0, 1).

    Example:
        >>> from dgbench.metrics.intervals import summarise_seeds
        >>> seeds = np.array([[0.9, 0.8], [0.7, 0.7], [0.2, 0.1], [0.0, 0.0]])
        >>> summaries = [summarise_seeds(row) for row in seeds]
        >>> curve = curve_of([0.85, 0.7, 0.15, 0.0], height=0.5, rises=False, summaries=summaries)
        >>> round(curve.threshold.value, 3), round(curve.area.value, 3)
        (0.455, 0.425)
        >>> curve.threshold.low < 0.455 < curve.threshold.high
        True
    """
    measured = np.array(scores, float)
    threshold, area = crossing(measured, height=height, rises=rises), area_under(measured)
    if summaries is None:
        return Curve(Estimate(threshold, None, None), Estimate(area, None, None))
    crossings = _drawn_crossings(summaries, threshold, height, rises=rises)
    ends = np.full(len(measured), 1 / (len(measured) - 1))
    ends[[0, -1]] /= 2
    of_area = weighted_sum(summaries, ends.tolist(), _images(summaries), level)
    return Curve(_estimate(threshold, crossings, level), Estimate(area, of_area.low, of_area.high))


def crossing(scores: Float[np.ndarray, " m"], *, height: float, rises: bool) -> float:
    """Find the position at which the isotonic fit of a curve crosses a height.

    The fit is the nearest curve that never turns back (least squares), joined by straight lines.
    Where it stays at that height for a while, the middle is the crossing.

    Args:
        scores: The score on each member, at least 2.
        height: The score from which a pattern counts as found.
        rises: Whether the score rises along the family. Otherwise it falls.

    Returns:
        A position from 0 to 1, inf if the crossing lies beyond the last member, and -inf if before
        the first.

    Example:
        The dip of the second member is evened out, so the fit is 0, 0.3, 0.3, 0.8.

        >>> round(3 * crossing(np.array([0.0, 0.4, 0.2, 0.8]), height=0.5, rises=True), 6)
        2.4
        >>> crossing(np.array([0.9, 0.8, 0.7]), height=0.5, rises=False)
        inf
    """
    return float(_crossings(np.asarray(scores, float)[None], height, rises=rises)[0])


def area_under(scores: Float[np.ndarray, " m"]) -> float:
    """Compute the area under a curve whose members are joined by straight lines.

    It is the mean score along the list, and like the score it is never clipped.

    Example:
        >>> area_under(np.array([0.0, 0.5, 0.5]))
        0.375
    """
    inner = scores.sum() - (scores[0] + scores[-1]) / 2
    return float(inner / (len(scores) - 1))


def strength_at(position: float, levels: Sequence[float]) -> float:
    """Translate a position on the list into the strength there, between levels in proportion.

    Example:
        >>> strength_at(0.75, [0.9, 0.95, 1.0]), strength_at(inf, [0.9, 0.95, 1.0])
        (0.975, inf)
    """
    if not np.isfinite(position):
        return position
    return float(np.interp(position * (len(levels) - 1), np.arange(len(levels)), levels))


def _drawn_crossings(
    summaries: Sequence[Summary], threshold: float, height: float, *, rises: bool
) -> Float[np.ndarray, " r"]:
    """Compute the crossings of curves that might have been measured as well, in ascending order."""
    means = np.array([summary.estimate for summary in summaries])
    drawn = np.stack([replicates(summary, freedom=inf) for summary in summaries], axis=1)
    steps = len(summaries) - 1
    place = min(max(threshold, 0.0), 1.0) * steps
    # The crossing hangs on the scores of its two neighbours, and so does the doubt about its error.
    weights = np.maximum(0, 1 - np.abs(np.arange(steps + 1) - place))
    near = weighted_sum(summaries, weights.tolist(), _images(summaries)).degrees_of_freedom
    freedom = near / CAUTION if isfinite(near) else _CERTAIN
    curves = means + scales(freedom)[:, None] * (drawn - means)
    return np.sort(_crossings(curves, height, rises=rises))


def _images(summaries: Sequence[Summary]) -> list[int]:
    """The members of a family show the same glyphs, as many as they have in common."""
    return [len(summary.image_means) for summary in summaries]


def _crossings(
    curves: Float[np.ndarray, "r m"], height: float, *, rises: bool
) -> Float[np.ndarray, " r"]:
    """Compute `crossing` of many curves, one a row."""
    # SciPy's optimisers take a while to load, and few who ask of a leaderboard need them.
    from scipy.optimize import isotonic_regression

    ascending = curves.copy() if rises else curves[:, ::-1].copy()
    # Most curves never turn back, so they are their own fit.
    for row in np.flatnonzero((np.diff(ascending, axis=1) < 0).any(axis=1)):
        ascending[row] = isotonic_regression(ascending[row]).x
    steps = curves.shape[1] - 1
    arrival = _arrivals(ascending, height)
    # A curve leaves the height where its mirror image arrives.
    departure = steps - _arrivals(2 * height - ascending[:, ::-1], height)
    place = (arrival + departure) / 2
    return (place if rises else steps - place) / steps


def _arrivals(ascending: Float[np.ndarray, "r m"], height: float) -> Float[np.ndarray, " r"]:
    """Find where curves first are at a height or above, in steps from the first member.

    The place is inf for a curve that never is, and -inf for one that begins above.
    """
    rows, is_reached = np.arange(len(ascending)), ascending >= height
    after = is_reached.argmax(axis=1)
    upper, lower = ascending[rows, after], ascending[rows, np.maximum(after - 1, 0)]
    rise = np.where(upper > lower, upper - lower, 1)
    places = after - 1 + (height - lower) / rise
    places[after == 0] = np.where(ascending[after == 0, 0] == height, 0.0, -inf)
    places[~is_reached.any(axis=1)] = inf
    return places


def _estimate(value: float, ordered: Float[np.ndarray, " r"], level: float) -> Estimate:
    tail = int((1 - level) / 2 * len(ordered))
    return Estimate(value, float(ordered[tail]), float(ordered[-1 - tail]))
