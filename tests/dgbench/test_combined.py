"""Intervals of weighted sums, against the formula on whole matrices and by simulation."""

import numpy as np
import pytest
from scipy import stats

from dgbench.metrics.combined import weighted_sum
from dgbench.metrics.intervals import summarise
from tests.dgbench.matrices import drawn


def slow_interval(matrices, weights, labels):
    """Satterthwaite's interval of the sum, from mean squares of whole matrices."""
    parts, shared = [], 0.0
    for values, weight in zip(matrices, weights, strict=True):
        n_seeds, n_images = values.shape
        parts.append((weight**2 * values.mean(axis=1).var(ddof=1) / n_seeds, n_seeds - 1))
        rest = values - values.mean(axis=0) - values.mean(axis=1)[:, None] + values.mean()
        mean_square = (rest**2).sum() / ((n_seeds - 1) * (n_images - 1))
        shared += weight**2 * mean_square / (n_seeds * n_images)
    for label in sorted(set(labels)):
        group = [
            m * w for m, w, name in zip(matrices, weights, labels, strict=True) if name == label
        ]
        summed = sum(values.mean(axis=0) for values in group)
        parts.append((summed.var(ddof=1) / len(summed), len(summed) - 1))
    variance = max(sum(part for part, _ in parts) - shared, max(parts)[0] / 2)
    freedom = variance**2 / sum(part**2 / n for part, n in parts)
    freedom = max(freedom, min(n for _, n in parts))
    estimate = sum(values.mean() * weight for values, weight in zip(matrices, weights, strict=True))
    reach = stats.t.ppf(0.975, freedom) * np.sqrt(variance)
    return estimate, estimate - reach, estimate + reach


@pytest.mark.parametrize("labels", [["a", "a", "a"], ["a", "b", "a"], ["a", "b", "c"]])
def test_the_interval_is_that_of_the_formula_on_whole_matrices(labels):
    matrices = [drawn(seed, n_seeds=3 + seed, n_images=30) for seed in range(3)]
    weights = [0.5, 0.3, 0.2]
    interval = weighted_sum([summarise(values) for values in matrices], weights, labels)
    assert (interval.estimate, interval.low, interval.high) == pytest.approx(
        slow_interval(matrices, weights, labels)
    )


def test_images_that_are_hard_everywhere_widen_the_interval():
    rng = np.random.default_rng(0)
    hard = rng.normal(0, 1, 200)
    same = [summarise(hard + rng.normal(0, 0.1, (5, 200))) for _ in range(4)]
    weights = [0.25] * 4
    shared = weighted_sum(same, weights, ["digits"] * 4)
    alone = weighted_sum(same, weights, list("abcd"))
    assert shared.high - shared.low > 1.5 * (alone.high - alone.low)


def test_the_interval_of_a_mean_over_benchmarks_holds_the_truth():
    rng, truths, inside, n_trials = np.random.default_rng(1), [0.9, 0.5, 0.1], 0, 400
    for _ in range(n_trials):
        hard = rng.normal(0, 0.3, 100)
        summaries = [
            summarise(truth + rng.normal(0, 0.05, (3, 1)) + hard + rng.normal(0, 0.3, (3, 100)))
            for truth in truths
        ]
        interval = weighted_sum(summaries, [1 / 3] * 3, ["digits"] * 3)
        inside += interval.low <= np.mean(truths) <= interval.high
    assert 0.92 <= inside / n_trials <= 0.98
