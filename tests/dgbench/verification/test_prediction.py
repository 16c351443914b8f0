"""The prediction interval covers honest claims, and a claim buys no room by scattering."""

import numpy as np
import pytest
from scipy.stats import t

from data_gen.foundation.errors import UsageError
from dgbench.verification.prediction import prediction_interval


def coverage(seeds, runs, generator, image_share, trials=1500, shift=0.0):
    """Share of claims that hold, where a run's score varies by 1 over training seeds.

    `generator` is the spread over generator seeds; of it, `image_share` is seen in the images.
    """
    random = np.random.default_rng([seeds, runs])
    n_held = 0
    for _ in range(trials):
        claimed = shift + generator * random.standard_normal() + random.standard_normal(seeds)
        fresh = generator * random.standard_normal(runs) + random.standard_normal(runs)
        variance = (generator * image_share) ** 2
        n_held += prediction_interval(
            claimed.tolist(), fresh.tolist(), image_variance=variance
        ).holds
    return n_held / trials


@pytest.mark.parametrize(
    ("seeds", "runs", "generator", "image_share"),
    [(3, 3, 0, 1), (5, 3, 0, 1), (5, 5, 0.5, 0.5), (5, 3, 0.5, 0), (10, 5, 1, 0.5), (5, 3, 2, 1)],
)
def test_an_honest_claim_holds_in_95_of_100(seeds, runs, generator, image_share):
    # Three standard errors of the simulation below the nominal level.
    assert coverage(seeds, runs, generator, image_share) >= 0.95 - 0.017


def test_a_false_claim_fails():
    assert coverage(5, 3, 0, 1, shift=6.0) < 0.15
    assert coverage(5, 5, 0, 1, shift=6.0) < 0.02


def test_the_interval_by_hand():
    claimed, fresh = [0.5, 0.6, 0.7], [0.61, 0.63, 0.65]
    interval = prediction_interval(claimed, fresh, image_variance=0.0)
    alone = t.ppf(0.975, 2) * np.sqrt(0.0004 * 4 / 3)
    both = t.ppf(0.975, 4) * np.sqrt((0.0004 + 0.01) / 2 * 4 / 3)
    assert alone < both
    assert interval.basis == "re-run"
    assert interval.high - interval.claimed == pytest.approx(alone)
    assert interval.claimed - interval.low == pytest.approx(alone)
    assert interval.holds
    calm = prediction_interval([0.58, 0.6, 0.62], fresh, image_variance=0.0001)
    assert calm.basis == "both"
    assert calm.high - calm.claimed == pytest.approx(
        t.ppf(0.975, 4) * np.sqrt((0.0004 + 0.0005) / 2 * 4 / 3)
    )


def test_scattered_claims_do_not_widen_the_interval_much():
    fresh = [0.10, 0.11, 0.12]
    honest = prediction_interval([0.1, 0.11, 0.12], fresh, image_variance=0.0)
    scattered = prediction_interval([0.2, 0.6, 1.0], fresh, image_variance=1.0)
    assert not scattered.holds
    assert scattered.high - scattered.low < 3 * (honest.high - honest.low)


def test_equal_scores_hold_without_any_spread():
    assert prediction_interval([0.1] * 5, [0.1] * 3, image_variance=0.0).holds
    assert not prediction_interval([0.1] * 5, [0.2] * 3, image_variance=0.0).holds


@pytest.mark.parametrize(("seeds", "runs"), [(2, 3), (3, 2)])
def test_too_few_runs_give_no_interval(seeds, runs):
    with pytest.raises(UsageError, match="Give at least 3 of each"):
        prediction_interval([0.1] * seeds, [0.1] * runs, image_variance=0.0)
