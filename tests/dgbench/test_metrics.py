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
from dgbench.metrics.pattern_found import (
    above_chance,
    hidden_pattern_score,
    missing_pattern_score,
    pattern_found,
)
from dgbench.metrics.reliance import effective_patterns, reliance
from dgbench.metrics.shapley import shapley_values
from dgbench.results.counts import count
from dgbench.results.predictions import Predictions

shares = st.floats(0, 1)
DATA = SplitRecord(n_images=0, pixels="", labels="", factors="")


def test_pattern_found_is_zero_at_chance_one_at_the_ceiling_and_never_clipped():
    ceilings = {"a": 0.9, "b": 0.5}
    assert pattern_found({"a": 0.1, "b": 0.5}, chance=0.1, ceilings=ceilings) == {"a": 0, "b": 1}
    assert above_chance(0.0, chance=0.1, ceiling=0.9) == pytest.approx(-0.125)
    assert above_chance(0.98, chance=0.1, ceiling=0.9) == pytest.approx(1.1)
    with pytest.raises(ValueError, match="not above chance"):
        above_chance(0.5, chance=0.1, ceiling=0.1)


def test_the_hidden_score_is_the_mean_over_hidden_patterns_only():
    by_pattern = {"color": 1.0, "shape": 0.2, "frame": 0.4}
    assert hidden_pattern_score(by_pattern, ["shape", "frame"]) == pytest.approx(0.3)
    with pytest.raises(ValueError, match="nothing to average"):
        hidden_pattern_score(by_pattern, [])


def test_the_missing_score_averages_renderings_then_patterns():
    score = missing_pattern_score(
        [0.2, 0.6], chance=0.1, ceilings={"s": 0.7, "f": 0.4}, hidden=["s", "f"]
    )
    assert score == pytest.approx(((0.4 - 0.1) / 0.6 + (0.4 - 0.1) / 0.3) / 2)


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
