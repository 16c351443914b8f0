"""The frames of one submission and of comparisons, by hand or by a slow count."""

from typing import Any

import numpy as np
import pytest

from data_gen.spec_files import find_spec
from dgbench.submission.scoring.card import DomainCalibration, ScoreCard
from leaderboard.columns import every_score
from leaderboard.records import Comparison, DomainComparison, PairDifference
from leaderboard.web import submission_frames
from tests.leaderboard.web.made import row

SPEC = find_spec("mnist-color@1")


def card(**fields: Any) -> ScoreCard:
    """The fields of a score card that a frame reads."""
    usual = {
        "seeds": (3, 8),
        "n_images": {"b": 10, "a": 4},
        "correct": {"b": (5, 7), "a": (4, 0)},
        "accuracy": {"b": 0.6, "a": 0.5},
    }
    # Fields of many types, which mypy takes for the names of the fields that are set.
    return ScoreCard.model_construct(**{**usual, **fields})  # type: ignore[arg-type]


def test_domains_stand_in_the_order_of_the_spec_and_others_at_the_end() -> None:
    names = [test.name for test in SPEC.test_domains]
    score_card = card(correct=dict.fromkeys(["extra", *reversed(names)], (1,)))
    assert submission_frames.in_order(score_card, SPEC) == [*names, "extra"]
    assert submission_frames.in_order(card(), None) == ["b", "a"]


def test_the_telling_domain_is_the_one_of_a_hidden_pattern() -> None:
    names = [test.name for test in SPEC.test_domains]
    domain = submission_frames.telling_domain(names, SPEC)
    assert domain == SPEC.aliases.get("only.shape", "only.shape")
    assert submission_frames.telling_domain(["x", "y"], SPEC) == "y"
    assert submission_frames.telling_domain(["x", "y"], None) == "y"


def test_every_domain_has_a_line_for_each_seed() -> None:
    lines = submission_frames.domain_by_seed(card(), ["a", "b"]).to_dict("records")
    assert lines == [
        {"domain": "a", "seed": "3", "accuracy": 1.0},
        {"domain": "a", "seed": "8", "accuracy": 0.0},
        {"domain": "b", "seed": "3", "accuracy": 0.5},
        {"domain": "b", "seed": "8", "accuracy": 0.7},
    ]


def test_the_best_and_worst_seed_stand_beside_the_mean() -> None:
    lines = submission_frames.accuracy_by_domain(card(), ["b", "a"]).to_dict("records")
    assert lines == [
        {"Domain": "b", "Accuracy": 0.6, "Worst seed": 0.5, "Best seed": 0.7, "Images": 10},
        {"Domain": "a", "Accuracy": 0.5, "Worst seed": 0.0, "Best seed": 1.0, "Images": 4},
    ]


def test_the_rest_is_the_share_that_follows_no_pattern() -> None:
    shares = submission_frames.relied_on(card(reliance={"shape": 0.25, "color": 0.5}))
    assert list(shares["pattern"]) == ["shape", "color", submission_frames.FOLLOWS_NONE]
    assert list(shares["share"]) == [0.25, 0.5, 0.25]
    assert (
        submission_frames.relied_on(card(reliance={"shape": 0.6, "color": 0.4000001}))[
            "share"
        ].min()
        == 0
    )
    assert list(submission_frames.relied_on(card(reliance=None))["share"]) == [1.0]


def test_calibration_is_empty_without_probabilities() -> None:
    assert list(submission_frames.calibration(card(calibration=None)).columns) == [
        "Domain",
        "NLL",
        "Brier",
        "ECE",
    ]
    by_domain = {"id": DomainCalibration(nll=0.1, brier=0.2, ece=0.3)}
    assert submission_frames.calibration(card(calibration=by_domain)).to_dict("records") == [
        {"Domain": "id", "NLL": 0.1, "Brier": 0.2, "ECE": 0.3}
    ]


def test_names_tell_apart_submissions_of_one_method() -> None:
    rows = [row(), row(submission_id="bbbbb"), row(submission_id="c", method="erm")]
    assert submission_frames.names_of(rows) == {
        "a" * 32: "prcl (aaaa)",
        "bbbbb": "prcl (bbbb)",
        "c": "erm",
    }


def compared() -> Comparison:
    def pair(first: str, second: str, difference: float) -> PairDifference:
        return PairDifference(
            first=first,
            second=second,
            difference=difference,
            low=difference - 0.1,
            high=difference + 0.1,
            p_value=0.5,
            verdict="not shown different",
        )

    domain = DomainComparison(
        domain="id",
        n_images=10,
        accuracy={"1": 0.5, "2": 0.6, "3": 0.7},
        overlap={"1": {"1": 1.0, "2": 0.25}, "2": {"1": 0.25, "2": 1.0}},
        n_differing=4,
        differing=(0, 1, 2, 3),
    )
    pairs = (pair("1", "2", 0.1), pair("1", "3", -0.4), pair("2", "3", 0.2))
    return Comparison(benchmark="mnist-color@1", rows=(), pairs=pairs, domains=(domain,))


NAMES = {"1": "one", "2": "two", "3": "three"}


def test_the_largest_difference_comes_first_regardless_of_its_sign() -> None:
    table = submission_frames.differences(compared(), NAMES)
    assert list(table["pair"]) == ["one minus three", "two minus three", "one minus two"]
    assert list(table["difference"]) == [-0.4, 0.2, 0.1]
    said = submission_frames.verdicts(compared(), NAMES).to_dict("records")
    assert next((line["First"], line["is"], line["Second"]) for line in said) == (
        "one",
        "not shown different",
        "three",
    )
    empty = Comparison(benchmark="b", rows=(), pairs=(), domains=())
    assert list(submission_frames.differences(empty, {})["pair"]) == []


def test_every_score_that_a_row_has_stands_beside_that_of_the_others() -> None:
    rows = [row(submission_id="1", up=None), row(submission_id="2", up=None, found={"shape": 1.0})]
    table = submission_frames.score_by_score(rows, NAMES, every_score(SPEC))
    lines = table.set_index("Score").drop(columns="Meaning")
    # Nobody has UP here, and the colour has no F on this benchmark.
    assert list(lines.index) == [
        "HPS",
        "HPS interval",
        "F shape",
        "T shape",
        "T color",
        "MP",
        "R",
        "Accuracy",
        "Worst domain",
        "Worst accuracy",
    ]
    assert dict(lines.loc["F shape"]) == {"one": "0.62", "two": "1.00"}


def test_accuracies_and_overlaps_stand_under_the_names() -> None:
    assert submission_frames.accuracies(compared(), NAMES).to_dict("records") == [
        {"Domain": "id", "one": 0.5, "two": 0.6, "three": 0.7, "Differ on": 4, "Images": 10}
    ]
    table = submission_frames.overlap(compared().domains[0], NAMES)
    assert [tuple(line) for line in table.itertuples(index=False)] == [
        ("one", "one", 1.0),
        ("one", "two", 0.25),
        ("two", "one", 0.25),
        ("two", "two", 1.0),
    ]


@pytest.mark.parametrize("seed", range(20))
def test_the_frontier_holds_rows_that_no_cheaper_row_beats(seed: int) -> None:
    draw = np.random.default_rng(seed)
    # Few values, so that there are ties; scores may be zero or negative.
    rows = [
        row(
            method=f"m{n}", hps=float(draw.integers(-2, 4)) / 4, parameters=int(draw.integers(1, 5))
        )
        for n in range(8)
    ] + [row(method="none", hps=None), row(method="free", parameters=None)]
    table = submission_frames.costs(rows, "parameters")
    assert sorted(table["method"]) == sorted(original.method for original in rows[:8])
    lines = list(table.itertuples())
    for index, line in enumerate(lines):
        is_beaten = any(
            other.cost <= line.cost
            and other.score >= line.score
            and (other.cost, -other.score, before) < (line.cost, -line.score, index)
            for before, other in enumerate(lines)
        )
        assert line.frontier == (not is_beaten)
        assert line.label in (("", line.method) if line.frontier else ("",))
    best = max((line for line in lines if line.frontier), key=lambda line: line.score)
    assert best.label == best.method


def test_neighbouring_scores_share_one_label() -> None:
    rows = [
        row(method=name, hps=score, parameters=n)
        for n, (name, score) in enumerate([("a", 0.5), ("b", 0.51), ("c", 0.56)])
    ]
    table = submission_frames.costs(rows, "parameters")
    assert list(table["label"]) == ["", "b", "c"]
    assert list(table["frontier"]) == [True, True, True]
