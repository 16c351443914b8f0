"""Thresholds and areas of curves, against definitions that are written down in another way."""

import math

import numpy as np
import pytest

from dgbench.metrics.intervals import summarise
from dgbench.metrics.thresholds import area_under, crossing, curve_of, strength_at

KNOWN = np.array([0.97, 0.9, 0.7, 0.35, 0.1, 0.02])
"""True scores of a method on six members, which cross 0.5 at a known place."""
THRESHOLD = (2 + 0.2 / 0.35) / 5


def slow_fit(scores):
    """The isotonic fit by its definition as a maximum of minima of means (Barlow 1972)."""
    n = len(scores)
    return [
        max(min(np.mean(scores[a : b + 1]) for b in range(i, n)) for a in range(i + 1))
        for i in range(n)
    ]


def slow_crossing(scores, *, rises, n_points=20_001):
    """The middle of the positions where the fit is nearest to 0.5, by looking everywhere."""
    fit = slow_fit(scores) if rises else slow_fit(scores[::-1])[::-1]
    if min(fit) > 0.5:
        return -math.inf if rises else math.inf
    if max(fit) < 0.5:
        return math.inf if rises else -math.inf
    positions = np.linspace(0, 1, n_points)
    gaps = np.abs(np.interp(positions, np.linspace(0, 1, len(fit)), fit) - 0.5)
    return positions[gaps <= gaps.min() + 1e-12].mean()


@pytest.mark.parametrize("rises", [True, False])
def test_the_crossing_is_where_the_fit_by_its_definition_is_at_the_height(rises):
    rng = np.random.default_rng(0)
    for _ in range(60):
        scores = rng.uniform(0, 1, rng.integers(2, 8))
        expected = slow_crossing(scores, rises=rises)
        assert crossing(scores, height=0.5, rises=rises) == pytest.approx(expected, abs=1e-4)


@pytest.mark.parametrize(
    ("scores", "rises", "expected"),
    [
        ([0.9, 0.8, 0.6], False, math.inf),
        ([0.4, 0.3, 0.1], False, -math.inf),
        ([0.6, 0.8, 0.9], True, -math.inf),
        ([0.1, 0.3, 0.4], True, math.inf),
        ([1.0, 0.5, 0.0], False, 0.5),
        ([0.5, 0.5, 0.0], False, 0.25),
        ([0.5, 0.5, 0.5], True, 0.5),
        ([0.5, 0.7, 0.9], True, 0.0),
        ([0.2, 0.4, 0.5], True, 1.0),
    ],
)
def test_never_always_and_the_ends_are_answers(scores, rises, expected):
    assert crossing(np.array(scores), height=0.5, rises=rises) == expected


def test_a_better_method_is_never_said_to_go_blind_sooner():
    rng = np.random.default_rng(1)
    for _ in range(100):
        scores = rng.uniform(0, 1, 6)
        better = scores + rng.uniform(0, 0.2, 6)
        for rises, sign in ((False, 1), (True, -1)):
            worse_place, place = (
                sign * crossing(row, height=0.5, rises=rises) for row in (scores, better)
            )
            assert place >= worse_place


def test_the_area_is_the_mean_of_the_curve_between_its_ends():
    scores = np.array([0.9, 0.2, 0.7, -0.1])
    positions = np.linspace(0, 1, 30_001)
    mean = np.interp(positions, np.linspace(0, 1, 4), scores).mean()
    assert area_under(scores) == pytest.approx(mean, abs=1e-4)
    assert area_under(np.ones(5)) == 1


def test_a_position_is_a_strength_between_its_neighbours():
    assert strength_at(0.5, [0.05, 0.1, 0.2, 1.0]) == pytest.approx(0.15)
    assert strength_at(-math.inf, [0.1, 0.2]) == -math.inf


def measured(rng, n_seeds=5, n_images=400):
    """Scores of a method whose true curve is `KNOWN`, on images that all members share."""
    difficulty, of_seeds = rng.normal(0, 0.02, n_images), 0.05
    difficulty -= difficulty.mean()
    return [
        summarise(
            true
            + rng.normal(0, of_seeds, (n_seeds, 1))
            + difficulty
            + rng.normal(0, 0.3, (n_seeds, n_images))
        )
        for true in KNOWN
    ]


def test_a_known_threshold_is_recovered_and_its_interval_covers_it():
    """The share over 1,000 trials is printed by `speed/threshold_coverage.py`."""
    rng, n_trials = np.random.default_rng(2), 60
    thresholds, covered = [], 0
    for _ in range(n_trials):
        summaries = measured(rng)
        scores = [summary.estimate for summary in summaries]
        threshold, area = curve_of(scores, height=0.5, rises=False, summaries=summaries)
        thresholds.append(threshold.value)
        covered += threshold.low <= THRESHOLD <= threshold.high
        assert area.low < area.value < area.high
    assert np.mean(thresholds) == pytest.approx(THRESHOLD, abs=0.01)
    assert covered >= 0.88 * n_trials


def test_an_interval_may_end_beyond_the_list():
    rng = np.random.default_rng(3)
    near = [
        summarise(true + rng.normal(0, 0.1, (3, 1)) + rng.normal(0, 0.3, (3, 200)))
        for true in (0.9, 0.7, 0.53)
    ]
    scores = [summary.estimate for summary in near]
    curve = curve_of(scores, height=0.5, rises=False, summaries=near)
    assert curve.threshold.high == math.inf
    assert curve.threshold.low < 1


def test_without_summaries_there_is_no_interval():
    curve = curve_of([0.9, 0.1], height=0.5, rises=False)
    assert (curve.threshold.value, curve.threshold.low, curve.threshold.high) == (0.5, None, None)
    assert (curve.area.value, curve.area.low) == (0.5, None)
