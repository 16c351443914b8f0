"""Intervals and differences over seeds and images, against slow references."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from statsmodels.formula.api import ols
from statsmodels.stats.anova import anova_lm

from dgbench.metrics.intervals import (
    CAUTION,
    difference_of,
    interval_of,
    paired_difference,
    summarise,
    summarise_seeds,
    two_way_interval,
)
from tests.dgbench.matrices import drawn

MATRICES = st.builds(
    drawn, st.integers(0, 10**6), n_seeds=st.integers(2, 6), n_images=st.integers(2, 20)
)


def test_the_interval_is_that_of_the_mean_squares_of_a_two_way_layout():
    values = drawn()
    n_seeds, n_images = values.shape
    rows = [
        {"seed": seed, "image": image, "value": values[seed, image]}
        for seed in range(n_seeds)
        for image in range(n_images)
    ]
    table = anova_lm(ols("value ~ C(seed) + C(image)", pd.DataFrame(rows)).fit())
    squares = table["mean_sq"]
    parts = [squares["C(seed)"], squares["C(image)"], -squares["Residual"]]
    variance = sum(parts) / values.size
    freedom = sum(parts) ** 2 / (
        CAUTION * parts[0] ** 2 / (n_seeds - 1) + parts[1] ** 2 / (n_images - 1)
    )
    reach = stats.t.ppf(0.975, freedom) * np.sqrt(variance)
    interval = two_way_interval(values)
    expected = (values.mean(), values.mean() - reach, values.mean() + reach, freedom)
    assert tuple(interval) == pytest.approx(expected)


def test_without_an_image_effect_seeds_alone_decide():
    scores = np.array([0.1, 0.4, 0.2])
    interval = interval_of(summarise_seeds(scores))
    low, high = stats.t.interval(0.95, 2, scores.mean(), stats.sem(scores))
    assert (interval.low, interval.high, interval.degrees_of_freedom) == pytest.approx(
        (low, high, 2)
    )


def test_the_difference_of_seeds_alone_is_welchs():
    a, b = np.array([0.1, 0.4, 0.2]), np.array([0.5, 0.9, 0.7, 0.8, 0.75])
    difference = difference_of(summarise_seeds(a), summarise_seeds(b))
    welch = stats.ttest_ind(a, b, equal_var=False)
    assert difference.p_value == pytest.approx(welch.pvalue)
    assert difference.interval.degrees_of_freedom == pytest.approx(welch.df)


def test_images_that_are_hard_for_both_make_no_difference_uncertain():
    a = drawn(1, of_seeds=0.01, of_rest=0.01)
    b = a + 0.1 + np.random.default_rng(2).normal(0, 0.01, a.shape)
    alone = two_way_interval(a)
    assert alone.high - alone.low > 0.5
    difference = paired_difference(b, a)
    assert difference.interval.high - difference.interval.low < 0.1
    assert difference.p_value < 0.01


@settings(max_examples=200, deadline=None)
@given(MATRICES, st.randoms(use_true_random=False))
def test_the_order_of_seeds_does_not_matter_to_the_bit(values, random):
    order = list(range(len(values)))
    random.shuffle(order)
    assert two_way_interval(values[order]) == two_way_interval(values)


@settings(max_examples=200, deadline=None)
@given(MATRICES, st.randoms(use_true_random=False))
def test_the_order_of_images_does_not_matter(values, random):
    order = list(range(values.shape[1]))
    random.shuffle(order)
    assert tuple(two_way_interval(values[:, order])) == pytest.approx(
        tuple(two_way_interval(values))
    )


@settings(max_examples=200, deadline=None)
@given(MATRICES, st.floats(-5, 5))
def test_a_shift_moves_the_interval_and_nothing_else(values, shift):
    before, after = two_way_interval(values), two_way_interval(values + shift)
    assert after.low - before.low == pytest.approx(shift, abs=1e-9)
    assert after.high - before.high == pytest.approx(shift, abs=1e-9)


@settings(deadline=None)
@given(MATRICES, st.floats(0.5, 0.99), st.floats(0.5, 0.99))
def test_more_confidence_takes_a_wider_interval(values, first_level, second_level):
    narrow, wide = (
        two_way_interval(values, level) for level in sorted((first_level, second_level))
    )
    assert wide.low <= narrow.low <= narrow.estimate <= narrow.high <= wide.high


@settings(deadline=None)
@given(MATRICES, st.integers(0, 100))
def test_a_difference_turned_round_is_its_negative(values, seed):
    other = drawn(seed, n_seeds=3, n_images=values.shape[1])
    forward, back = paired_difference(values, other), paired_difference(other, values)
    assert forward.p_value == pytest.approx(back.p_value)
    assert (forward.interval.low, forward.interval.high) == pytest.approx(
        (-back.interval.high, -back.interval.low)
    )


@settings(deadline=None)
@given(MATRICES)
def test_the_p_value_agrees_with_the_interval(values):
    other = drawn(5, n_seeds=3, n_images=values.shape[1])
    difference = paired_difference(values, other)
    is_outside = difference.interval.low > 0 or difference.interval.high < 0
    assert (difference.p_value < 0.05) == is_outside


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_non_finite_values_are_refused(bad):
    values = drawn()
    values[1, 2] = bad
    with pytest.raises(ValueError, match="not finite"):
        summarise(values)
    with pytest.raises(ValueError, match="finite"):
        summarise_seeds(values[1])


def test_a_single_seed_is_refused():
    with pytest.raises(ValueError, match="1 seeds"):
        summarise(drawn(n_seeds=1))
    with pytest.raises(ValueError, match="2 seeds"):
        summarise_seeds(np.array([0.5]))


def test_other_images_cannot_be_compared():
    with pytest.raises(ValueError, match="same images"):
        paired_difference(drawn(n_images=30), drawn(n_images=31))


def test_without_variance_the_interval_is_a_point_and_a_difference_is_certain():
    same = np.full((3, 5), 0.25)
    interval = two_way_interval(same)
    assert (interval.low, interval.high) == (0.25, 0.25)
    assert paired_difference(same, same).p_value == 1
    assert paired_difference(same, same + 0.5).p_value == 0
