"""Every formula against a slow reference written another way, and its laws."""

import math
from itertools import permutations

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torchmetrics.classification import MulticlassCalibrationError

from data_gen.manifest import SplitRecord
from dgbench.metrics.calibration import calibration
from dgbench.metrics.dominant import without_dominant
from dgbench.metrics.encoded import encoded
from dgbench.metrics.found import found, hidden_pattern_score
from dgbench.metrics.reliance import effective_patterns, reliance
from dgbench.metrics.scale import above_chance
from dgbench.metrics.shapley import shapley_values
from dgbench.metrics.trusted import trusted
from dgbench.results.counts import count
from dgbench.results.predictions import Predictions

shares = st.floats(0, 1)
DATA = SplitRecord(n_images=0, pixels="", labels="", factors="")


def test_the_scale_is_zero_at_chance_one_at_the_ceiling_and_never_clipped():
    assert above_chance(0.1, chance=0.1, ceiling=0.9) == 0
    assert above_chance(0.9, chance=0.1, ceiling=0.9) == 1
    assert above_chance(0.0, chance=0.1, ceiling=0.9) == pytest.approx(-0.125)
    assert above_chance(0.98, chance=0.1, ceiling=0.9) == pytest.approx(1.1)
    with pytest.raises(ValueError, match="not above chance"):
        above_chance(0.5, chance=0.1, ceiling=0.1)


@given(st.lists(st.tuples(shares, st.floats(0.3, 1)), min_size=1, max_size=3))
def test_found_averages_renderings_of_which_each_has_its_own_ceiling(renderings):
    solo = {str(place): accuracy for place, (accuracy, _) in enumerate(renderings)}
    ceilings = {str(place): ceiling for place, (_, ceiling) in enumerate(renderings)}
    shares_found = [(accuracy - 0.1) / (ceiling - 0.1) for accuracy, ceiling in renderings]
    f = found(solo, chance=0.1, ceilings=ceilings)
    assert f == pytest.approx(float(np.mean(shares_found)))


@pytest.mark.parametrize("ceiling", [0.05, 0.1, 0.19])
def test_a_ceiling_near_chance_gives_no_score(ceiling):
    assert found({"a": 0.5, "b": 0.5}, chance=0.1, ceilings={"a": 0.9, "b": ceiling}) is None
    assert trusted(0.5, chance=0.1, ceiling=ceiling) is None
    assert encoded(0.5, untrained=0.1, oracle=ceiling) is None
    assert trusted(0.15, chance=0.1, ceiling=0.2) == pytest.approx(0.5)


def test_the_hidden_score_is_the_mean_over_hidden_patterns_only():
    by_pattern = {"color": 1.0, "shape": 0.2, "frame": 0.4, "dust": None}
    assert hidden_pattern_score(by_pattern, ["shape", "frame"]) == pytest.approx(0.3)
    # A pattern that nothing can learn is left out, one that was not tested is not.
    assert hidden_pattern_score(by_pattern, ["shape", "frame", "dust"]) == pytest.approx(0.3)
    assert hidden_pattern_score(by_pattern, ["dust"]) is None
    assert hidden_pattern_score(by_pattern, ["shape", "place"]) is None
    assert hidden_pattern_score(by_pattern, []) is None


def test_without_the_dominant_patterns_renderings_are_averaged_before_patterns():
    score = without_dominant([[0.2, 0.6], [0.9]], chance=0.1, erm_id=0.8)
    assert score == pytest.approx(((0.2 + 0.6) / 2 + 0.9) / 2 / 0.7 - 0.1 / 0.7)
    with pytest.raises(ValueError, match="nothing to average"):
        without_dominant([], chance=0.1, erm_id=0.8)


@given(shares, st.floats(0, 0.4), st.floats(0.6, 1))
def test_encoded_is_zero_for_the_untrained_network_and_one_for_the_oracle(probe, untrained, oracle):
    score = encoded(probe, untrained=untrained, oracle=oracle)
    assert untrained + score * (oracle - untrained) == pytest.approx(probe)
    assert encoded(untrained, untrained=untrained, oracle=oracle) == 0
    assert encoded(oracle, untrained=untrained, oracle=oracle) == 1


@given(st.lists(st.integers(0, 50), min_size=1, max_size=6))
def test_effective_patterns_is_the_perplexity_of_the_shares(counts):
    shares = reliance({str(i): n for i, n in enumerate(counts)}, max(1, sum(counts)))
    n = effective_patterns(shares)
    if sum(counts) == 0:
        assert n == 0
        return
    p = np.array(counts) / sum(counts)
    assert n == pytest.approx(math.prod(x**-x for x in p if x > 0))
    assert 1 - 1e-9 <= n <= sum(c > 0 for c in counts) + 1e-9


@given(st.data(), st.integers(1, 4))
def test_shapley_values_are_the_mean_gain_over_all_orders(data, n):
    players = "abcd"[:n]
    subsets = [frozenset(p for k, p in enumerate(players) if b >> k & 1) for b in range(2**n)]
    value = {subset: data.draw(shares) for subset in subsets}
    orders = list(permutations(players))
    expected = dict.fromkeys(players, 0.0)
    for order in orders:
        for place, player in enumerate(order):
            before = frozenset(order[:place])
            expected[player] += (value[before | {player}] - value[before]) / len(orders)
    shapley = shapley_values(value)
    assert shapley == pytest.approx(expected)
    assert sum(shapley.values()) == pytest.approx(value[frozenset(players)] - value[frozenset()])


def test_shapley_values_need_every_subset():
    with pytest.raises(KeyError, match="4 subsets"):
        shapley_values({frozenset("ab"): 1.0, frozenset(): 0.0})


@given(st.integers(0, 2**32 - 1), st.floats(0.1, 3))
def test_calibration_agrees_with_torch_and_torchmetrics(seed, sharpness):
    rng = np.random.default_rng(seed)
    n, k = 200, 5
    logits = torch.tensor(rng.normal(size=(n, k)) * sharpness)
    label = torch.tensor(rng.integers(0, k, n))
    probabilities = torch.softmax(logits, 1)
    predictions = Predictions(
        domain="id",
        image_id=np.arange(n),
        label=label.numpy(),
        pred=probabilities.argmax(1).numpy(),
        probabilities=probabilities.numpy(),
    )
    measured = calibration(count(predictions, {}, DATA))
    one_hot = torch.nn.functional.one_hot(label, k)
    assert measured.nll == pytest.approx(float(torch.nn.functional.cross_entropy(logits, label)))
    assert measured.brier == pytest.approx(float(((probabilities - one_hot) ** 2).sum(1).mean()))
    reference = MulticlassCalibrationError(num_classes=k, n_bins=15, norm="l1")
    # torchmetrics puts a confidence on an edge into the other bin, which no random one is.
    assert measured.ece == pytest.approx(float(reference(probabilities, label)), abs=1e-5)


def test_without_probabilities_there_is_no_calibration():
    predictions = Predictions("id", np.arange(2), np.array([0, 1]), np.array([0, 0]), None)
    counts = count(predictions, {"color": np.array([0, -1])}, DATA)
    assert calibration(counts) is None
    assert (counts.n, counts.correct, counts.follows) == (2, 1, {"color": 1})


def test_a_confident_mistake_keeps_the_sums_finite():
    sure = np.array([[1.0, 0.0], [0.0, 1.0]])
    predictions = Predictions("id", np.arange(2), np.array([1, 1]), np.array([0, 1]), sure)
    counts = count(predictions, {}, DATA)
    assert math.isfinite(counts.nll)
    assert counts.brier == pytest.approx(2.0)
    assert counts.confidence_bins[-1].n == 2
