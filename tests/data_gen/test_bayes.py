"""Bayes accuracies and information against brute force over the whole joint distribution."""

from itertools import product
from math import log2

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data_gen.bayes import (
    bayes_accuracy,
    joint_bayes_accuracy,
    joint_channel,
    mutual_information,
    pattern_bayes_accuracy,
)
from data_gen.spec_files import find_spec, spec_from
from tests.data_gen.specs import document, spec_documents


def follow(k, rho, a, b):
    return rho if a == b else (1 - rho) / (k - 1)


def brute_force(spec, seen):
    """Sum over every assignment of values to all patterns. Values are told apart perfectly."""
    k, names = len(spec.classes), list(spec.entries)
    joint = {}
    for label in range(k):
        for values in product(range(k), repeat=len(names)):
            value_of = dict(zip(names, values, strict=True))
            probability = 1 / k
            for name, entry in spec.entries.items():
                parent = label if entry.parent == "class" else value_of[entry.parent]
                probability *= follow(k, entry.rho, parent, value_of[name])
            key = tuple(value_of[name] for name in seen)
            joint.setdefault(key, [0.0] * k)[label] += probability
    return joint


@settings(max_examples=25, deadline=None)
@given(spec_documents(), st.data())
def test_joint_bayes_accuracy_and_information_match_brute_force(raw, data):
    k = len(raw["classes"])
    raw["patterns"] = raw["patterns"][: 3 if k <= 5 else 2]
    for entry in raw["patterns"]:
        entry.get("look", {}).pop("noise", None)
    raw["hidden"] = ["shape"]
    spec = spec_from(raw, where="test")
    seen = data.draw(st.lists(st.sampled_from(list(spec.entries)), min_size=1, unique=True))
    joint = brute_force(spec, seen)
    accuracy = sum(max(column) for column in joint.values())
    information = sum(
        p * log2(p / (sum(column) / k)) for column in joint.values() for p in column if p > 0
    )
    channel = joint_channel(spec, seen)
    assert bayes_accuracy(channel) == pytest.approx(accuracy, abs=1e-9)
    assert mutual_information(channel) == pytest.approx(information, abs=1e-9)


def test_a_noisy_colour_has_the_accuracy_of_a_classifier_of_its_pixels():
    """The exact figure against the best guess on drawn colours, counted."""
    from data_gen.streams import Stream

    spec = find_spec("mnist-color-swap")
    look = spec.entries["color"].look
    values = np.arange(200_000) % 10
    drawn = look.colors(values, Stream("test", np.arange(200_000)))
    _, seen = np.unique(drawn, axis=0, return_inverse=True)
    counts = np.zeros((10, seen.max() + 1))
    np.add.at(counts, (values, seen.ravel()), 1)
    assert pattern_bayes_accuracy(spec, "color") == pytest.approx(
        counts.max(axis=0).sum() / 200_000, abs=0.003
    )


def test_the_hidden_colour_of_the_swapped_twin_is_noisy():
    assert 0.90 <= pattern_bayes_accuracy(find_spec("mnist-color-swap"), "color") <= 0.97


def test_each_carrier_of_a_xor_is_uninformative_and_both_determine_the_label():
    spec = find_spec("mnist-ladder")
    assert pattern_bayes_accuracy(spec, "pair") == pytest.approx(1.0)
    pair = spec.entries["pair"].look.appearances(10).reshape(10, 10, 10)
    for carrier in (pair.sum(axis=1), pair.sum(axis=2)):
        assert mutual_information(carrier) == pytest.approx(0, abs=1e-12)


def test_shape_that_is_right_nine_times_in_ten_adds_nothing_to_a_perfect_colour():
    spec = find_spec("mnist-color-weak")
    assert pattern_bayes_accuracy(spec, "shape") == pytest.approx(0.9)
    assert joint_bayes_accuracy(spec) == pytest.approx(1.0)


def test_a_reversed_correlation_is_as_informative_as_a_straight_one():
    spec = find_spec("colored-mnist")
    figures = [pattern_bayes_accuracy(spec, "color", environment=e) for e in ("e90", "e10")]
    assert figures == pytest.approx([0.9, 0.9])


def test_independent_patterns_together_beat_each_alone():
    raw = document()
    raw["patterns"][0]["rho"] = raw["patterns"][1]["rho"] = 0.7
    spec = spec_from(raw, where="test")
    assert joint_bayes_accuracy(spec) >= pattern_bayes_accuracy(spec, "shape") == pytest.approx(0.7)
