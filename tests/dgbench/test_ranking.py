"""Tiers follow the scores, hang on no third entry for a verdict, and reward no scatter."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dgbench.metrics.gram import gram_matrix, quantised_deviations
from dgbench.metrics.intervals import (
    difference_of,
    interval_of,
    summarise,
    summarise_seeds,
    two_way_interval,
)
from dgbench.metrics.ranking import Contender, is_unstable, places, verdict
from dgbench.metrics.replicates import rank_intervals, replicates
from tests.dgbench.matrices import drawn


def board(seed, n_entries, spread, *, n_images=12, scale=1.0):
    """Entries of 2 to 5 seeds on the same images. A small scale makes them stable."""
    rng = np.random.default_rng(seed)
    difficulty = rng.normal(0, 1, n_images)
    return [
        summarise(
            scale
            * (
                difficulty
                + rng.normal(0, spread)
                + drawn(
                    rng.integers(10**6),
                    n_seeds=rng.integers(2, 6),
                    n_images=n_images,
                    of_images=0.2,
                )
            )
        )
        for _ in range(n_entries)
    ]


# What is drawn is what a board is made of: the shape checker, which draws random numbers too,
# must not be at work while hypothesis draws.
BOARDS = st.tuples(st.integers(0, 10**6), st.integers(1, 8), st.sampled_from([0.0, 0.5, 3.0]))


def placed(entries, names=None):
    return places(
        list(map(Contender.of, entries)), names or [f"{i:03}" for i in range(len(entries))]
    )


def is_best(place):
    return place.tier == 1 and place.against_best is None and not place.is_unstable


def slow_verdict(mine, other):
    """By the interval of the difference, computed from the images themselves."""
    difference = difference_of(mine, other)
    if difference.p_value > 0.0005:
        return "not shown different"
    return "better" if difference.interval.estimate > 0 else "worse"


def slow_tiers(entries):
    """Read aloud: walk down the order, and begin a tier where one is worse than the tier's best."""
    tiers, best, tier = [], None, 1
    for entry in sorted(entries, key=lambda entry: -entry.estimate):
        low, high = interval_of(entry)[1:3]
        if best is not None and slow_verdict(entry, best) == "worse":
            tier, best = tier + 1, None
        if best is None and high - low <= 0.3:
            best = entry
        tiers.append(tier)
    return tiers


@settings(deadline=None)
@given(BOARDS)
def test_a_verdict_is_that_of_the_paired_difference_and_turns_round_with_its_sides(drawn_board):
    entries = board(*drawn_board)
    turned = {"better": "worse", "worse": "better"}
    for mine in entries:
        for other in entries:
            said = verdict(Contender.of(mine), Contender.of(other))
            assert said == slow_verdict(mine, other)
            back = verdict(Contender.of(other), Contender.of(mine))
            assert back == turned.get(said, said)


@settings(max_examples=300, deadline=None)
@given(BOARDS, st.sampled_from([0.03, 0.1, 1.0]))
def test_tiers_are_those_of_a_walk_down_the_order(drawn_board, scale):
    entries = board(*drawn_board, scale=scale)
    by_rank = sorted(placed(entries), key=lambda place: place.rank)
    assert [place.rank for place in by_rank] == list(range(1, len(entries) + 1))
    assert [place.tier for place in by_rank] == slow_tiers(entries)


@settings(max_examples=60, deadline=None)
@given(BOARDS, st.integers(0, 10**6))
def test_more_entries_never_change_the_verdict_on_two(drawn_board, seed):
    entries = board(*drawn_board, scale=0.03)
    before = placed(entries)
    best = next((e for e, place in zip(entries, before, strict=True) if is_best(place)), None)
    crowd = [other for other in board(seed, 40, 0.5, scale=0.03) if best is not None]
    crowd = [other for other in crowd if other.estimate < best.estimate]
    after = placed([*entries, *crowd])
    assert [p.against_best for p in after[: len(entries)]] == [p.against_best for p in before]
    for other, place in zip([*entries, *crowd], after, strict=True):
        if best is not None and other is not best:
            assert place.against_best == verdict(Contender.of(other), Contender.of(best))


@settings(max_examples=300, deadline=None)
@given(BOARDS, st.randoms(use_true_random=False))
def test_places_do_not_depend_on_the_order_in_which_entries_are_given(drawn_board, random):
    entries = board(*drawn_board, scale=0.1)
    names = [f"m{index}" for index in range(len(entries))]
    order = list(range(len(entries)))
    random.shuffle(order)
    expected = placed(entries, names)
    shuffled = placed([entries[i] for i in order], [names[i] for i in order])
    assert shuffled == [expected[i] for i in order]


@settings(max_examples=500, deadline=None)
@given(st.integers(0, 10**6), st.integers(2, 7), st.floats(0, 2))
def test_a_better_score_never_gives_a_worse_rank_or_tier(seed, n_entries, gain):
    rng = np.random.default_rng(seed)
    values = [0.05 * drawn(rng.integers(10**6), n_seeds=3, n_images=8) for _ in range(n_entries)]
    before = placed([summarise(matrix) for matrix in values])
    values[0] = values[0] + gain
    after = placed([summarise(matrix) for matrix in values])
    assert after[0].rank <= before[0].rank
    assert after[0].tier <= before[0].tier
    assert all(late.rank >= early.rank for early, late in zip(before[1:], after[1:], strict=True))


@settings(deadline=None)
@given(BOARDS)
def test_somebody_is_first_and_tiers_are_numbered_without_gaps(drawn_board):
    places_of_all = placed(board(*drawn_board, scale=0.05))
    tiers = {place.tier for place in places_of_all}
    assert tiers == set(range(1, len(tiers) + 1))
    assert [place.tier for place in places_of_all if place.rank == 1] == [1]


@settings(deadline=None)
@given(BOARDS)
def test_a_copy_shares_the_tier_of_the_original_and_stands_beside_it(drawn_board):
    entries = board(*drawn_board)
    *_, original, copy = placed([*entries[1:], entries[0], entries[0]])
    assert (copy.tier, copy.rank) == (original.tier, original.rank + 1)
    intervals = rank_intervals(
        np.array([replicates(entry, 40) for entry in [*entries, entries[0]]])
    )
    assert (intervals.low[0], intervals.high[0]) == (intervals.low[-1], intervals.high[-1])


def test_equal_scores_are_in_the_order_of_their_names():
    entry = summarise_seeds(np.array([0.5, 0.51, 0.52]))
    assert [place.rank for place in placed([entry] * 3, ["sam", "erm", "irm"])] == [3, 1, 2]


def test_places_of_seeds_alone_and_of_nobody():
    better, worse = np.array([0.8, 0.81, 0.82]), np.array([0.1, 0.12, 0.11])
    entries = [summarise_seeds(worse), summarise_seeds(better), summarise_seeds(better - 0.005)]
    assert [place.tier for place in placed(entries)] == [2, 1, 1]
    assert [place.against_best for place in placed(entries)] == [
        "worse",
        None,
        "not shown different",
    ]
    assert placed([]) == []


def seeds(mean, reach, n=5):
    """Scores of some seeds whose 95 % interval reaches that far to both sides."""
    spread = np.linspace(-1, 1, n)
    width = interval_of(summarise_seeds(spread))
    return summarise_seeds(mean + spread * reach / (width.high - width.estimate))


def test_scatter_earns_nothing():
    """As on `mnist-color-rho980`: 0.606 [0.338, 0.874] beside 0.870."""
    scattered, steady, weak = seeds(0.606, 0.268), seeds(0.870, 0.01), seeds(0.05, 0.01)
    first, second, third = placed([steady, scattered, weak])
    assert (first.rank, first.tier, first.is_unstable) == (1, 1, False)
    # It is not shown to be worse than the best, so it is a member, and marked.
    assert (second.rank, second.tier, second.is_unstable) == (2, 1, True)
    assert second.against_best == "not shown different"
    assert (third.tier, third.against_best) == (2, "worse")


def test_an_unstable_entry_on_top_leaves_the_tier_to_the_first_stable_one():
    scattered, steady, lower = seeds(0.9, 0.2), seeds(0.87, 0.01), seeds(0.7, 0.01)
    on_top, best, below = placed([scattered, steady, lower])
    assert (on_top.rank, on_top.tier, on_top.is_unstable) == (1, 1, True)
    assert (best.rank, best.tier, best.against_best) == (2, 1, None)
    # The scattered entry would not have been shown to be better than it. The best is.
    assert below.tier == 2
    assert slow_verdict(lower, scattered) == "not shown different"


def test_an_unstable_entry_that_ends_a_tier_does_not_lead_the_next():
    steady, scattered, next_best = seeds(0.9, 0.005), seeds(0.1, 0.16), seeds(0.08, 0.005)
    assert [place.tier for place in placed([steady, scattered, next_best])] == [1, 2, 2]


def test_entries_that_all_scatter_are_one_tier_without_a_best():
    scattered = [seeds(mean, 0.2) for mean in (0.9, 0.5, -3.0)]
    assert {(p.tier, p.is_unstable, p.against_best) for p in placed(scattered)} == {(1, True, None)}


@pytest.mark.parametrize(("reach", "expected"), [(0.1499, False), (0.1501, True)])
def test_an_interval_wider_than_three_tenths_is_unstable(reach, expected):
    assert is_unstable(seeds(0.5, reach)) is expected


@pytest.mark.parametrize("n_entries", [1, 7, 260])
def test_products_are_exact_in_pieces_as_in_one(n_entries):
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


@pytest.mark.parametrize("n_entries", [17, 300])
def test_large_tiers_are_compared_in_blocks_as_one_by_one(n_entries):
    values = np.linspace(0.5, 0.48, n_entries)
    entries = [seeds(value, 0.01) for value in values]
    assert [place.tier for place in placed(entries)] == slow_tiers(entries)


def test_deviations_of_others_would_give_other_tiers():
    entries = board(5, 7, 3.0, scale=0.05)
    far = np.eye(7, 12, dtype=np.float32) * 1e8
    others = [Contender(entry, row) for entry, row in zip(entries, far, strict=True)]
    assert {place.tier for place in places(others, "abcdefg")} == {1}
    assert len({place.tier for place in placed(entries)}) > 1


def test_entries_on_other_images_cannot_be_ranked():
    entries = [summarise(drawn()), summarise_seeds(np.array([0.1, 0.2]))]
    with pytest.raises(ValueError, match="same images"):
        placed(entries)
    with pytest.raises(ValueError, match="same images"):
        verdict(*map(Contender.of, entries))


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


def test_rank_intervals_refuse_what_is_not_finite():
    with pytest.raises(ValueError, match="not finite"):
        rank_intervals(np.array([[0.1, np.nan]]))
