"""The matrix of contributions has the score that ranks as its mean."""

import numpy as np
import pytest

from data_gen.spec_files import find_spec
from dgbench.metrics.contributions import headline_contributions
from dgbench.metrics.headline import ranking_score
from dgbench.metrics.linear_scores import linear_scores
from dgbench.metrics.scores import scores
from dgbench.references import Oracle
from dgbench.results.record import DomainCounts
from tests.dgbench.records import DATA, made_reference

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


def uneven_reference(spec):
    """Each domain has a ceiling of its own, and one pattern of the ladder has none above chance."""
    ceilings = {
        pattern: Oracle(
            only=(0.9,),
            solo={domain: (0.6 + 0.4 * RNG.random(),) for domain in spec.solo_domains(pattern)},
        )
        for pattern in spec.entries
        if pattern != "texture"
    }
    return made_reference(spec, (0.15,), **ceilings)


@pytest.mark.parametrize("name", ["mnist-color", "mnist-ladder@2", "mnist-color-swap"])
def test_the_mean_is_hps(name):
    spec = find_spec(name)
    reference_values = uneven_reference(spec)
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
    expected = np.mean([correct[f"mp.color.{r}"] for r in ("mean", "neutral", "absent")], axis=0)
    assert headline_contributions(correct, spec, None) == pytest.approx(expected)


def test_without_reference_values_patterns_weigh_the_same_however_many_renderings_they_have():
    spec = find_spec("mnist-ladder@2")
    correct = answers(spec)
    by_pattern = [
        np.mean([correct[domain] for domain in spec.solo_domains(name)], axis=0)
        for name in spec.hidden
    ]
    assert len({len(spec.solo_domains(name)) for name in spec.hidden}) > 1
    expected = np.mean(by_pattern, axis=0)
    assert headline_contributions(correct, spec, None) == pytest.approx(expected)
    run = scores_of(correct, spec, None, 0)
    ranking = ranking_score(spec, has_references=False)
    assert ranking.of(run) == pytest.approx(expected[0].mean())


def test_a_domain_that_is_missing_or_of_other_images_is_refused():
    spec = find_spec("mnist-ladder@1")
    correct = answers(spec)
    del correct["only.texture"]
    with pytest.raises(ValueError, match=r"only\.texture"):
        headline_contributions(correct, spec, None)
    correct["only.texture"] = correct["id"][:, :9]
    with pytest.raises(ValueError, match="different images"):
        headline_contributions(correct, spec, None)


@pytest.mark.parametrize("name", ["mnist-color", "mnist-ladder@2", "mnist-color-swap"])
def test_every_linear_score_is_the_mean_of_its_matrix(name):
    spec = find_spec(name)
    reference_values = uneven_reference(spec)
    correct = answers(spec)
    expected = [scores_of(correct, spec, reference_values, seed) for seed in range(3)]
    listed = linear_scores(spec, reference_values)
    for score in listed:
        by_seed = [getattr(run, score.name) for run in expected]
        values = [value[score.part] if score.part else value for value in by_seed]
        matrix = score.contributions(correct)
        assert matrix is not None
        assert matrix.shape == (3, 50)
        assert matrix.mean(axis=1) == pytest.approx(values), score
    run = expected[0]
    parts = [("found", part) for part in run.found] + [("trusted", part) for part in run.trusted]
    parts += [(alone, "") for alone in ("up", "mp", "retention") if getattr(run, alone) is not None]
    assert sorted((score.name, score.part) for score in listed) == sorted(parts)
    assert listed[0].part in spec.hidden


def test_domains_with_other_images_have_no_common_matrix():
    spec = find_spec("mnist-color")
    score = linear_scores(spec, made_reference(spec))[0]
    correct = answers(spec)
    correct[next(iter(score.weights))] = correct["id"][:, :-1]
    assert score.contributions(correct) is None
