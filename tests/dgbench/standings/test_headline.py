"""One function says what ranks, and every place that needs it agrees."""

import pytest

from data_gen.spec_files import find_spec
from dgbench.metrics.headline import ranking_score
from dgbench.metrics.scores import scores
from dgbench.standings.headline import Headline
from dgbench.standings.words import SCORES
from tests.dgbench.records import REFERENCE, SPEC, counts

SOLO_SHAPE = ("mp.color.mean", "mp.color.neutral", "mp.color.absent")


@pytest.mark.parametrize(
    ("benchmark", "has_references", "name", "title", "unit", "domains"),
    [
        ("mnist-color", True, "hps", "HPS", "", SOLO_SHAPE),
        ("mnist-ladder@1", True, "hps", "HPS", "", ()),
        ("mnist-color", False, "hidden_accuracy", "Hidden accuracy", "%", SOLO_SHAPE),
        (
            "colored-mnist",
            True,
            "worst_environment",
            "Worst environment",
            "%",
            ("env.e90", "env.e80", "env.e10"),
        ),
    ],
)
def test_the_spec_says_what_ranks(benchmark, has_references, name, title, unit, domains):
    score = ranking_score(find_spec(benchmark), has_references=has_references)
    assert (score.name, score.title, score.unit, score.domains) == (name, title, unit, domains)
    assert SCORES[name].title == title


def test_the_ranking_score_is_taken_from_the_scores_of_a_run():
    measured = scores(counts(shape=500), SPEC, REFERENCE)
    assert ranking_score(SPEC).of(measured) == measured.hps
    accuracy = ranking_score(SPEC, has_references=False)
    assert accuracy.of(measured) == measured.accuracy["up.color"] == 0.5
    assert accuracy.of_all([measured, measured]) == (0.5, 0.5)
    assert accuracy.of_all([]) is None
    unscaled = scores(counts(shape=500), SPEC, None)
    assert ranking_score(SPEC).of(unscaled) is None
    assert ranking_score(SPEC).of_all([measured, unscaled]) is None


def test_a_headline_without_an_interval_has_no_ends():
    headline = Headline(name="worst_environment", estimate=0.0989)
    assert (headline.title, headline.unit, headline.factor) == ("Worst environment", "%", 100)
    assert headline.low is headline.high is None
