"""Hand-made classifiers get exactly the scores that their making implies.

A benchmark of this field once shipped a metric on which a perfect colour classifier scored at
chance. Here every score of five known classifiers is worked out by hand.
"""

import numpy as np
import pytest

from dgbench.benchmarks import open_benchmark
from dgbench.metrics.scores import scores
from dgbench.references import Oracle, Reference
from dgbench.results.counts import count
from dgbench.results.predictions import Predictions


def follow(name, fallback=0):
    """Says what one pattern shows, and a fixed class where it is missing."""

    def classify(loaded):
        shown = loaded.values[name]
        return np.where(shown >= 0, shown, fallback)

    return classify


def half_and_half(first, second):
    """Follows one pattern on even images and the other on odd ones."""

    def classify(loaded):
        is_even = np.arange(len(loaded.labels)) % 2 == 0
        return np.where(is_even, follow(first)(loaded), follow(second)(loaded))

    return classify


def constant(loaded):
    return np.full(len(loaded.labels), 3)


def random(loaded):
    return np.random.default_rng(1).integers(0, 10, 100_000)[loaded.image_id]


@pytest.fixture(scope="module", params=["mnist-color-5k", "mnist-ladder"])
def splits(request):
    opened = open_benchmark(request.param, given=["mnist-5k"])
    return opened.spec, {name: opened.load(name) for name in opened.test_names}


def scored(spec, splits, classify):
    counts = {}
    for name, loaded in splits.items():
        pred = classify(loaded)
        predictions = Predictions(name, loaded.image_id, loaded.labels, pred, None)
        counts[name] = count(predictions, loaded.values, loaded.record)
    reference = Reference(
        benchmark=spec.id,
        spec_digest=spec.digest,
        sources={},
        generator_seed=0,
        backbone="by hand",
        steps=1,
        batch_size=1,
        seeds=(0,),
        oracles=dict.fromkeys(spec.entries, Oracle(only=(1.0,))),
        erm={"id": (1.0,)},
        command="",
    )
    return scores(counts, spec, reference)


def agreement(splits, spec, domain, pattern):
    """The share of images in a domain on which a pattern shows the label, counted one by one."""
    name = next(t.name for t in spec.test_domains if t.domain == spec.domain(domain))
    loaded = splits[name]
    hits = 0
    for shown, label in zip(loaded.values[pattern], loaded.labels, strict=True):
        hits += int(shown == label)
    return hits / len(loaded.labels)


def test_a_single_pattern_classifier_finds_that_pattern_and_no_other(splits):
    spec, loaded = splits
    for pattern in spec.entries:
        scores = scored(spec, loaded, follow(pattern))
        assert scores.accuracy["id"] == 1.0
        assert scores.retention == pytest.approx(1.0)
        assert scores.trusted[pattern] == pytest.approx(1.0)
        for other in spec.entries:
            if other != pattern:
                expected = (agreement(loaded, spec, f"only.{other}", pattern) - 0.1) / 0.9
                assert scores.trusted[other] == pytest.approx(expected)
                assert abs(scores.trusted[other]) < 0.1
        hidden = [scores.found[name] for name in spec.hidden]
        assert scores.hps == pytest.approx(sum(hidden) / len(hidden))
        assert scores.reliance[pattern] == 1.0
        assert sum(scores.reliance.values()) == 1.0
        assert scores.effective_patterns == pytest.approx(1.0)


def test_a_missing_pattern_hurts_only_classifiers_that_follow_it(splits):
    spec, loaded = splits
    dominant = next(name for name in spec.entries if name not in spec.hidden)
    renderings = [n for n in loaded if n.startswith(f"mp.{dominant}.")]
    blind = scored(spec, loaded, follow(dominant, fallback=0))
    zeros = np.mean([np.mean(loaded[name].labels == 0) for name in renderings])
    assert blind.mp == pytest.approx((zeros - 0.1) / 0.9)
    seeing = scored(spec, loaded, follow(spec.hidden[0]))
    assert seeing.mp == pytest.approx(1.0)


def test_a_classifier_of_two_patterns_relies_on_both(splits):
    spec, loaded = splits
    first, second = list(spec.entries)[:2]
    scores = scored(spec, loaded, half_and_half(first, second))
    assert scores.accuracy["id"] == 1.0
    assert scores.reliance[first] == pytest.approx(0.5)
    assert scores.reliance[second] == pytest.approx(0.5)
    assert scores.effective_patterns == pytest.approx(2.0)


@pytest.mark.parametrize("classify", [constant, random])
def test_a_classifier_that_ignores_the_image_scores_zero(splits, classify):
    spec, loaded = splits
    scores = scored(spec, loaded, classify)
    for name, split in loaded.items():
        assert scores.accuracy[name] == np.mean(classify(split) == split.labels)
    for value in (scores.hps, scores.up, scores.mp, scores.retention, *scores.trusted.values()):
        assert abs(value) < 0.1
    for share in scores.reliance.values():
        assert share == pytest.approx(0.1, abs=0.07)


def test_shapley_values_give_all_to_the_pattern_that_is_followed(splits):
    spec, loaded = splits
    for pattern in spec.entries:
        shapley = scored(spec, loaded, follow(pattern)).shapley
        if shapley is None:
            pytest.skip(f"{spec.id} has no whole factorial")
        none = agreement(loaded, spec, "none", pattern)
        assert sum(shapley.values()) == pytest.approx(1.0 - none)
        assert shapley[pattern] == pytest.approx(0.9, abs=0.05)
        assert all(abs(v) < 0.05 for name, v in shapley.items() if name != pattern)


def test_the_worst_domain_is_one_whose_images_determine_the_label(splits):
    spec, loaded = splits
    scores = scored(spec, loaded, follow(spec.hidden[0]))
    assert scores.worst_domain not in ("none", "conflict")
    assert scores.accuracy[scores.worst_domain] == min(
        value for name, value in scores.accuracy.items() if name not in ("none", "conflict")
    )


def test_environments_are_scored_by_mean_and_worst():
    opened = open_benchmark("rotated-mnist", given=["mnist-5k"])
    loaded = {name: opened.load(name) for name in opened.test_names}
    counts = {}
    for share, (name, split) in enumerate(loaded.items()):
        pred = split.labels.copy()
        pred[: 10 * share] = (pred[: 10 * share] + 1) % 10
        predictions = Predictions(name, split.image_id, split.labels, pred, None)
        counts[name] = count(predictions, split.values, split.record)
    result = scores(counts, opened.spec)
    accuracy = [counts[name].correct / counts[name].n for name in counts]
    assert result.mean_environment == pytest.approx(np.mean(accuracy))
    assert result.worst_environment == min(accuracy)
    assert result.found == result.trusted == {}
    assert result.hps is result.up is result.mp is None
