"""Labels and values follow the states exactly as DESIGN.md says, over random specs."""

from math import sqrt

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data_gen.sampler import MISSING, draw_sample
from data_gen.spec_files import spec_from
from data_gen.streams import Stream
from tests.data_gen.specs import document, spec_documents

N = 6000


def sample(spec, name, *, n=N, key="key"):
    domain = spec.domain(name)
    classes = np.arange(n) % len(spec.classes)
    drawn = draw_sample(
        spec.entries,
        shape=spec.shape.name,
        hidden=spec.hidden,
        domain=domain,
        classes=classes,
        n_classes=len(spec.classes),
        stream=Stream(f"{key}|{domain.key}", np.arange(n)),
    )
    return classes, drawn


def close(share, expected, n=N):
    # The last term is for shares near 0 and 1, whose counts are no longer normal.
    return abs(share - expected) <= 6 * sqrt(expected * (1 - expected) / n) + 6 / n


def chained(spec, name):
    """P(kept pattern shows the label's value): the predictivities along its parents, by hand."""
    k = len(spec.classes)
    share, ancestor = 1.0, name
    while ancestor != "class":
        rho = spec.entries[ancestor].rho
        share = share * rho + (1 - share) * (1 - rho) / (k - 1)
        ancestor = spec.entries[ancestor].parent
    return share


@settings(max_examples=40, deadline=None)
@given(spec_documents(), st.data())
def test_sampled_values_obey_the_states_of_their_patterns(raw, data):
    spec = spec_from(raw, where="test")
    k = len(spec.classes)
    name = data.draw(st.sampled_from([test.name for test in spec.test_domains]))
    classes, (labels, values) = sample(spec, name)
    domain = spec.domain(name)
    assert ((labels >= 0) & (labels < k)).all()
    if domain.is_conflict:
        shown = np.stack(list(values.values()))
        assert (np.diff(np.sort(shown, axis=0), axis=0) > 0).all()
        assert (values[spec.hidden[0]] == labels).all()
        return
    for pattern in spec.entries:
        agrees = (values[pattern] == labels).mean()
        match domain.state(pattern):
            case "kept":
                assert close(agrees, chained(spec, pattern))
            case "uncorrelated":
                assert close(agrees, 1 / k)
            case "conflicting":
                assert agrees == 0
            case _:
                assert (values[pattern] == MISSING).all()
    if domain.state("shape") in ("kept", "uncorrelated", "conflicting"):
        assert (values["shape"] == classes).all()


@settings(max_examples=15, deadline=None)
@given(spec_documents())
def test_disagreeing_values_are_spread_evenly(raw):
    spec = spec_from(raw, where="test")
    k = len(spec.classes)
    for state in ("id", "cp.p0"):
        _, (labels, values) = sample(spec, state)
        offsets = (values["p0"] - labels) % k
        counts = np.bincount(offsets, minlength=k)[1:]
        expected = counts.sum() / (k - 1)
        assert np.abs(counts - expected).max() <= 6 * sqrt(expected + 1)


def test_a_missing_shape_leaves_the_label_to_the_glyph_even_below_full_predictivity():
    raw = document()
    raw["patterns"][0]["rho"] = 0.9
    classes, (labels, _) = sample(spec_from(raw, where="test"), "mp.shape.mean")
    assert (labels == classes).all()


def test_a_missing_pattern_changes_no_other_pattern():
    """With rho = 1 the label and the kept patterns are determined, so they must be equal."""
    spec = spec_from(document(), where="test")
    _, (labels, values) = sample(spec, "id")
    _, (same_labels, others) = sample(spec, "mp.color.mean")
    assert (labels == same_labels).all()
    assert (values["shape"] == others["shape"]).all()


def child_of_color(rho):
    raw = document()
    look = {"styles": 10}
    child = {"name": "frame", "kind": "frame", "rho": rho, "parent": "color", "look": look}
    raw["patterns"] = [*raw["patterns"], child]
    raw["patterns"][1]["rho"] = 0.8
    return spec_from(raw, where="test")


def test_a_child_follows_its_parent_where_both_are_kept():
    _, (labels, values) = sample(child_of_color(0.9), "id")
    assert close((values["frame"] == values["color"]).mean(), 0.9)
    assert close((values["frame"] == labels).mean(), 0.8 * 0.9 + 0.2 * 0.1 / 9)


def test_a_child_keeps_its_own_relation_to_the_class_when_its_parent_loses_it():
    """Otherwise only.frame would hold nothing to find."""
    _, (labels, values) = sample(child_of_color(1.0), "only.frame")
    assert close((values["color"] == labels).mean(), 0.1)
    assert close((values["frame"] == labels).mean(), 0.8)


@pytest.mark.parametrize("name", ["id", "mp.shape.mean", "up.shape", "cp.shape", "only.color"])
def test_a_follower_of_the_shape_is_equally_predictive_in_every_state_of_the_shape(name):
    raw = document(domains=["id", "cp.shape", "up.shape", "only.color", "mp.shape.mean"])
    raw["patterns"][0]["rho"] = 0.75
    raw["patterns"][1]["parent"] = "shape"
    _, (labels, values) = sample(spec_from(raw, where="test"), name)
    assert close((values["color"] == labels).mean(), 0.75)


@pytest.mark.parametrize("name", ["id", "up.color", "only.color", "conflict", "none"])
def test_a_subset_of_the_images_gets_the_same_labels_and_values(name):
    raw = document()
    raw["patterns"][0]["rho"] = raw["patterns"][1]["rho"] = 0.7
    spec = spec_from(raw, where="test")
    domain, subset = spec.domain(name), np.array([5, 17, 999, 4000])
    _, (labels, values) = sample(spec, name)
    again = draw_sample(
        spec.entries,
        shape="shape",
        hidden=spec.hidden,
        domain=domain,
        classes=subset % 10,
        n_classes=10,
        stream=Stream(f"key|{domain.key}", subset),
    )
    assert (again.labels == labels[subset]).all()
    assert all((again.values[p] == values[p][subset]).all() for p in values)
