"""The frames of one submission and of comparisons, by hand or by a slow count."""

import re
from typing import Any
from xml.etree import ElementTree as ET

import numpy as np
import pytest

from data_gen.spec_files import find_spec
from dgbench.submission.scoring.card import DomainCalibration, ScoreCard
from leaderboard.records import (
    Comparison,
    DomainComparison,
    EstimatedScore,
    PairDifference,
    ScoreComparison,
)
from leaderboard.web import compare_html, submission_frames
from leaderboard.web.compare_html import lines_of
from leaderboard.web.domains_html import MOST_AT_ONCE, by_domain, grouped
from tests.leaderboard.web.drawing import words
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


def test_every_domain_has_its_mean_and_a_cell_for_each_seed() -> None:
    html = by_domain(card(), ["a", "b"], told={"a": "as in training"}, title="Accuracy")
    tree = ET.fromstring(html)  # noqa: S314 (our own markup)
    heads = [words(head) for head in tree.iterfind(".//thead//th")]
    assert heads == ["Test domain", "Mean", "Seed", "Images", "3", "8"]
    lines = [[words(cell) for cell in line] for line in tree.iterfind(".//tbody/tr")]
    assert lines == [
        ["a as in training", "50.0 %", "100.0 %", "0.0 %", "4"],
        ["b", "60.0 %", "50.0 %", "70.0 %", "10"],
    ]


def test_large_groups_of_domains_are_folded_where_there_are_many() -> None:
    few = ["id", *(f"mp.{n}" for n in range(MOST_AT_ONCE - 1))]
    assert grouped(few) == [("", tuple(few))]
    shown, missing, rest = grouped([*few, "up.a", *(f"x.{n}" for n in range(7))])
    assert shown == ("", ("id", "up.a"))
    assert missing.title == f"A pattern is missing: {MOST_AT_ONCE - 1} domains"
    assert (rest.title, len(rest.names)) == ("x: 7 domains", 7)


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
    """Three submissions, the third of a single seed, with a shift of `lead` between any two."""
    rows = tuple(row(submission_id=name, method=NAMES[name]) for name in NAMES)

    def pair(first: str, second: str, difference: float) -> PairDifference:
        return PairDifference(
            first=first,
            second=second,
            difference=difference,
            low=difference - 0.1,
            high=difference + 0.1,
            p_value=0.5,
            verdict="not shown different" if abs(difference) < 0.3 else "worse",
        )

    domain = DomainComparison(
        domain="id",
        n_images=10,
        accuracy={"1": 0.5, "2": 0.6, "3": 0.7},
        overlap={
            "1": {"1": 1.0, "2": 0.25, "3": 0.5},
            "2": {"1": 0.25, "2": 1.0, "3": 0.75},
            "3": {"1": 0.5, "2": 0.75, "3": 1.0},
        },
        n_differing=4,
        differing=(0, 1, 2, 3),
    )
    trusted = ScoreComparison(
        score="trusted",
        part="color",
        values={"1": EstimatedScore(value=0.2, low=0.1, high=0.3)},
        pairs=(pair("1", "2", -0.4),),
    )
    return Comparison(
        benchmark="mnist-color@1",
        rows=rows,
        pairs=(pair("1", "2", 0.1), pair("1", "3", -0.4), pair("2", "3", 0.2)),
        scores=(trusted,),
        domains=(domain,),
    )


NAMES = {"1": "one", "2": "two", "3": "<b>"}


def cells(html: str) -> list[list[str]]:
    """The texts of each row, without tags and drawings."""
    rows = re.findall(r"<tr>(.*?)</tr>", html)
    split = (re.split(r"</t[hd]>", line)[:-1] for line in rows)
    return [[" ".join(re.sub(r"<[^>]+>", " ", cell).split()) for cell in line] for line in split]


def test_every_score_stands_beside_those_of_the_others_with_the_lead_and_the_verdict() -> None:
    comparison = compared()
    lines = lines_of(comparison, SPEC)
    table = cells(compare_html.compared(lines, comparison.rows, NAMES, title="t"))
    heads = ["Score", "one tier 1", "two tier 1", "one \u2212 two"]
    assert table[0] == [*heads, "&lt;b&gt; tier 1", "one \u2212 &lt;b&gt;"]
    assert [line[0] for line in table[1:]] == ["HPS ranks", "T color dominant"]
    hps, trusted = table[1:]
    assert hps[1] == "0.621 0.50 to 0.74"
    assert hps[3] == "+0.100 no difference shown"
    assert hps[5] == "\u22120.400 &lt;b&gt; is higher"
    assert trusted[1] == "0.200 0.10 to 0.30"
    # Of a single seed there is the score of its row, and no interval.
    assert trusted[2] == "0.120"
    assert trusted[3] == "\u22120.400 two is higher"
    assert trusted[5] == "-"


def test_a_lead_that_is_asked_for_the_other_way_round_is_turned() -> None:
    (ranking, _) = lines_of(compared(), SPEC)
    lead = ranking.lead("3", "1")
    assert lead is not None
    assert (lead.difference, lead.low, lead.high) == (0.4, pytest.approx(0.3), pytest.approx(0.5))
    assert lead.verdict == "better"
    assert ranking.lead("1", "1") is None


def test_accuracies_and_common_errors_stand_under_the_names() -> None:
    assert submission_frames.accuracies(compared(), NAMES).to_dict("records") == [
        {"Domain": "id", "one": 0.5, "two": 0.6, "<b>": 0.7, "Differ on": 4, "Images": 10}
    ]
    overlap = compared().domains[0].overlap
    # Each pair stands there once.
    assert cells(compare_html.overlaps("id", overlap, NAMES)) == [
        ["Both wrong", "two", "&lt;b&gt;"],
        ["one", "25.0 %", "50.0 %"],
        ["two", "", "75.0 %"],
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
