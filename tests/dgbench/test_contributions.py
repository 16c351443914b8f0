"""The matrix of contributions has the score that ranks as its mean."""

import numpy as np
import pytest

from data_gen.spec_files import find_spec
from dgbench.metrics.contributions import headline_contributions
from dgbench.metrics.headline import ranking_score
from dgbench.metrics.scores import scores
from dgbench.results.record import DomainCounts
from tests.dgbench.records import DATA, reference

RNG = np.random.default_rng(0)


def answers(spec, n_seeds=3, n_images=50):
    return {test.name: RNG.random((n_seeds, n_images)) < RNG.random() for test in spec.test_domains}


def scores_of(correct, spec, reference_values, seed):
    counts = {
        name: DomainCounts(
            data=DATA,
            n=right.shape[1],
            correct=int(right[seed].sum()),
            follows=dict.fromkeys(spec.entries, 0),
            nll=None,
            brier=None,
        )
        for name, right in correct.items()
    }
    return scores(counts, spec, reference_values)


@pytest.mark.parametrize("name", ["mnist-color", "mnist-ladder@1", "mnist-color-swap"])
def test_the_mean_is_hps(name):
    spec, reference_values = reference(name)
    correct = answers(spec)
    rows = headline_contributions(correct, spec, reference_values).mean(axis=1)
    assert rows == pytest.approx(
        [scores_of(correct, spec, reference_values, seed).hps for seed in range(3)]
    )


def test_with_environments_the_mean_is_the_worst_environment_of_each_seed():
    spec = find_spec("colored-mnist")
    correct = answers(spec)
    rows = headline_contributions(correct, spec, None).mean(axis=1)
    expected = [scores_of(correct, spec, None, seed).worst_environment for seed in range(3)]
    assert rows == pytest.approx(expected)


def test_without_reference_values_the_mean_is_the_accuracy_on_hidden_patterns():
    spec = find_spec("mnist-color")
    correct = answers(spec)
    assert (headline_contributions(correct, spec, None) == correct["up.color"]).all()
    assert ranking_score(spec).domains == ("up.color",)


def test_a_domain_that_is_missing_or_of_other_images_is_refused():
    spec = find_spec("mnist-ladder@1")
    correct = answers(spec)
    del correct["only.texture"]
    with pytest.raises(ValueError, match=r"only\.texture"):
        headline_contributions(correct, spec, None)
    correct["only.texture"] = correct["id"][:, :9]
    with pytest.raises(ValueError, match="different images"):
        headline_contributions(correct, spec, None)
