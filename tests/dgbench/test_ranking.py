"""Ranks are total, fair to ties, indifferent to order, and never punish a better score."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from statsmodels.stats.multitest import multipletests

from dgbench.metrics.gram import GramMatrix, gram_matrix, quantised_deviations
from dgbench.metrics.intervals import (
    difference_of,
    interval_of,
    summarise,
    summarise_seeds,
    two_way_interval,
)
from dgbench.metrics.ranking import n_rejected, significance_ranks, significantly_better
from dgbench.metrics.replicates import rank_intervals, replicates
from tests.dgbench.matrices import drawn


def board(seed, n_entries, spread, *, n_images=12):
    """Entries of 2 to 5 seeds on the same images."""
    rng = np.random.default_rng(seed)
    difficulty = rng.normal(0, 1, n_images)
    return [
        summarise(
            difficulty
            + rng.normal(0, spread)
            + drawn(
                rng.integers(10**6), n_seeds=rng.integers(2, 6), n_images=n_images, of_images=0.2
            )
        )
        for _ in range(n_entries)
    ]


# What is drawn is what a board is made of: the shape checker, which draws random numbers too,
# must not be at work while hypothesis draws.
BOARDS = st.tuples(st.integers(0, 10**6), st.integers(1, 8), st.sampled_from([0.0, 0.5, 3.0]))


@pytest.mark.parametrize("n", [1, 2, 5, 12])
def test_holm_rejects_what_statsmodels_rejects(n):
    p_values = np.random.default_rng(n).uniform(size=(3, n)) ** 4
    expected = [multipletests(row, 0.05, method="holm")[0].sum() for row in p_values]
    assert n_rejected(p_values, 0.05).tolist() == expected
    assert expected != [0, 0, 0]


def n_better(mine, entries):
    """By one comparison after the other, the clearest first."""
    differences = [difference_of(other, mine) for other in entries if other is not mine]
    p_values = sorted(
        difference.p_value / 2 for difference in differences if difference.interval.estimate > 0
    )
    n = 0
    while n < len(p_values) and p_values[n] <= 0.025 / (len(differences) - n):
        n += 1
    return n


@settings(deadline=None)
@given(BOARDS)
def test_a_rank_is_one_more_than_the_number_of_significantly_better_entries(drawn_board):
    entries = board(*drawn_board)
    expected = [1 + n_better(mine, entries) for mine in entries]
    assert significance_ranks(entries).tolist() == expected


@settings(deadline=None)
@given(BOARDS)
def test_significant_comparisons_agree_with_the_ranks(drawn_board):
    entries = board(*drawn_board)
    better = significantly_better(entries)
    assert (1 + better.sum(axis=1)).tolist() == significance_ranks(entries).tolist()
    estimates = np.array([entry.estimate for entry in entries])
    rows, columns = np.nonzero(better)
    assert (estimates[columns] > estimates[rows]).all()


@settings(max_examples=500, deadline=None)
@given(BOARDS, st.randoms(use_true_random=False))
def test_ranks_do_not_depend_on_the_order_of_entries(drawn_board, random):
    entries = board(*drawn_board)
    order = list(range(len(entries)))
    random.shuffle(order)
    ranks = significance_ranks(entries)
    assert significance_ranks([entries[place] for place in order]).tolist() == ranks[order].tolist()


@settings(max_examples=500, deadline=None)
@given(st.integers(0, 10**6), st.integers(2, 7), st.floats(0, 2))
def test_a_better_score_never_gives_a_worse_rank(seed, n_entries, gain):
    rng = np.random.default_rng(seed)
    values = [drawn(rng.integers(10**6), n_seeds=3, n_images=8) for _ in range(n_entries)]
    before = significance_ranks([summarise(matrix) for matrix in values])
    values[0] = values[0] + gain
    after = significance_ranks([summarise(matrix) for matrix in values])
    assert after[0] <= before[0]
    assert (after[1:] >= before[1:]).all()


@settings(deadline=None)
@given(BOARDS)
def test_some_entry_is_first_and_no_rank_exceeds_the_number_of_entries(drawn_board):
    entries = board(*drawn_board)
    ranks = significance_ranks(entries)
    assert ranks.min() == 1
    assert ranks.max() <= len(entries)


@settings(deadline=None)
@given(BOARDS)
def test_a_copy_shares_the_rank_of_the_original(drawn_board):
    entries = board(*drawn_board)
    ranks = significance_ranks([*entries, entries[0]])
    assert ranks[0] == ranks[-1]
    intervals = rank_intervals(
        np.array([replicates(entry, 40) for entry in [*entries, entries[0]]])
    )
    assert (intervals.low[0], intervals.high[0]) == (intervals.low[-1], intervals.high[-1])


def test_ranks_of_seeds_alone_and_of_no_entries():
    better, worse = np.array([0.8, 0.81, 0.82]), np.array([0.1, 0.12, 0.11])
    entries = [summarise_seeds(worse), summarise_seeds(better), summarise_seeds(better - 0.005)]
    assert significance_ranks(entries).tolist() == [3, 1, 1]
    assert significance_ranks([]).tolist() == []


@pytest.mark.parametrize("n_entries", [1, 7, 260])
def test_products_in_pieces_equal_the_whole_and_give_the_same_ranks(n_entries):
    entries = board(5, n_entries, 0.5)
    deviations = np.stack([quantised_deviations(entry) for entry in entries])
    whole = gram_matrix(deviations, deviations)
    cut = n_entries // 2
    rows = gram_matrix(deviations[cut:], deviations)
    assert (rows == whole[cut:]).all()
    assert (whole == whole.T).all()
    slow = [
        [round((x - entry.estimate) * 2**18) for x in entry.image_means] for entry in entries[:7]
    ]
    expected = [[sum(x * y for x, y in zip(a, b, strict=True)) for b in slow] for a in slow]
    assert whole[:7, :7].tolist() == expected
    ranks = significance_ranks(entries)
    for gram in (GramMatrix.precomputed(whole), GramMatrix.lazy(deviations)):
        assert (gram.diagonal == np.diag(whole)).all()
        assert (significance_ranks(entries, gram=gram) == ranks).all()


def test_the_given_products_decide_the_ranks():
    entries = board(5, 7, 3.0)
    far = GramMatrix.precomputed(1e18 * np.eye(7))
    assert (significance_ranks(entries, gram=far) == 1).all()
    assert (significance_ranks(entries) != 1).any()


def test_entries_on_other_images_cannot_be_ranked():
    with pytest.raises(ValueError, match="same images"):
        significance_ranks([summarise(drawn()), summarise_seeds(np.array([0.1, 0.2]))])


def test_replicates_have_the_mean_and_the_width_of_the_interval():
    values = drawn(3, n_seeds=12, n_images=400, of_seeds=0.05)
    replicated, interval = replicates(summarise(values)), two_way_interval(values)
    assert replicated.mean() == pytest.approx(interval.estimate, abs=0.01)
    low, high = np.quantile(replicated, [0.025, 0.975])
    assert high - low == pytest.approx(interval.high - interval.low, rel=0.1)


def test_replicates_of_three_seeds_are_as_wide_as_students_interval():
    entry = summarise_seeds(np.array([0.1, 0.2, 0.4]))
    low, high = np.quantile(replicates(entry), [0.025, 0.975])
    interval = interval_of(entry)
    assert high - low == pytest.approx(interval.high - interval.low, rel=0.2)


def test_replicates_of_two_entries_are_on_the_same_images():
    a = drawn(1, n_images=300, of_seeds=0, of_rest=0.02)
    first, second = (
        replicates(summarise(matrix))
        for matrix in (a, a + drawn(2, n_images=300, of_seeds=0, of_images=0, of_rest=0.02))
    )
    assert np.std(first - second) < 0.2 * np.std(first)


def test_replicates_are_the_same_on_every_machine():
    """Changing these numbers changes rank intervals: they are part of what dgbench measures."""
    entry = summarise(np.arange(12.0).reshape(3, 4) ** 2 / 100)
    assert replicates(entry, 4).tolist() == pytest.approx(PINNED)


PINNED = [0.5942547917366028, -0.05785425379872322, 0.797328531742096, 0.014370367862284184]


def test_rank_intervals_of_clear_and_of_equal_entries():
    clear = np.array([[3.0, 3.1], [2.0, 2.1], [1.0, 1.1]])
    distinct = rank_intervals(clear)
    assert (distinct.low.tolist(), distinct.high.tolist()) == ([1, 2, 3], [1, 2, 3])
    rng = np.random.default_rng(0)
    tied = rank_intervals(rng.normal(size=(3, 400)))
    assert (tied.low.tolist(), tied.high.tolist()) == ([1, 1, 1], [3, 3, 3])


@settings(max_examples=300, deadline=None)
@given(st.integers(0, 10**6), st.integers(1, 6), st.integers(1, 50))
def test_rank_intervals_agree_with_counting(seed, n_entries, n):
    values = np.random.default_rng(seed).integers(0, 4, (n_entries, n)).astype(float)
    ranks = 1 + (values[None] > values[:, None]).sum(axis=1)
    tail = int(0.025 * n)
    ordered = np.sort(ranks, axis=1)
    intervals = rank_intervals(values)
    assert intervals.low.tolist() == ordered[:, tail].tolist()
    assert intervals.high.tolist() == ordered[:, n - 1 - tail].tolist()


def test_rank_intervals_refuse_non_finite_values():
    with pytest.raises(ValueError, match="not finite"):
        rank_intervals(np.array([[0.1, np.nan]]))
