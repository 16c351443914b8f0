"""Curves and overviews have a place for every benchmark, and sums where nothing is missing."""

import json

import numpy as np
import pytest

from dgbench.lists.family import find_family
from dgbench.lists.suite import Suite
from dgbench.metrics.intervals import summarise
from dgbench.report.family_figure import family_figure
from dgbench.standings.curves import family_curves
from dgbench.standings.list_tables import family_table, overview_table, threshold_text
from dgbench.standings.member_result import MemberResult, MethodInTrack
from dgbench.standings.overview import overview_of

FALLING = find_family("color-availability")
RISING = find_family("tint-availability")
SUITE = Suite(name="mine", version=2, summary="Mine.", members=("a@1", "b@1"))


def result(score, *, n_seeds=3, tier=1, standing="provisional", seed=0):
    """A result whose seeds and images scatter a little."""
    rng = np.random.default_rng([seed, round(1000 * score) + 1000])
    values = score + rng.normal(0, 0.02, (n_seeds, 1)) + rng.normal(0, 0.2, (n_seeds, 100))
    summary = summarise(values) if n_seeds > 1 else None
    return MemberResult(
        score=summary.estimate if summary else score,
        n_seeds=n_seeds,
        summary=summary,
        images="digits, 100",
        standing=standing,
        tier=tier,
    )


def along(family, scores, **changes):
    pairs = zip(family.benchmarks, scores, strict=True)
    return {name: result(score, **changes) for name, score in pairs if score is not None}


def curves(family, **scores):
    results = {MethodInTrack((), name): along(family, row) for name, row in scores.items()}
    drawn = family_curves(family, results)
    return drawn, {curve.name: curve for curve in drawn.curves}


def test_a_threshold_is_a_strength_with_its_interval():
    _, by_name = curves(FALLING, good=[1, 1, 1, 0.9, 0.1, 0], bad=[0.9, 0.6, 0.2, 0.1, 0, 0])
    good, bad = by_name["good"].threshold, by_name["bad"].threshold
    assert good.estimate == pytest.approx(0.475, abs=0.02)
    assert bad.estimate == pytest.approx(0.125, abs=0.02)
    assert good.low < good.estimate < good.high
    assert by_name["good"].area.estimate > by_name["bad"].area.estimate


@pytest.mark.parametrize("family", [FALLING, RISING])
def test_always_and_never_say_whether_the_pattern_is_found(family):
    _, by_name = curves(family, always=[0.9] * 6, never=[0.1] * 6)
    for answer in ("always", "never"):
        threshold = by_name[answer].threshold
        assert (threshold.low, threshold.estimate, threshold.high) == (answer,) * 3
        assert threshold_text(by_name[answer]) == answer


def test_the_end_of_an_interval_may_be_an_answer():
    drawn, by_name = curves(FALLING, near=[1, 1, 0.9, 0.8, 0.7, 0.501])
    assert by_name["near"].threshold.high == "always"
    assert ", always]" in family_table(drawn).lines[0][1].text


def test_a_gap_is_shown_as_a_gap_and_has_no_threshold():
    drawn, by_name = curves(FALLING, whole=[1, 1, 0.8, 0.2, 0, 0], gap=[1, 1, None, 0.2, 0, 0])
    assert by_name["gap"].threshold is None
    assert by_name["gap"].area is None
    assert [curve.name for curve in drawn.curves] == ["whole", "gap"]
    table = family_table(drawn)
    texts = [cell.text for cell in table.lines[1]]
    assert [place for place, text in enumerate(texts) if text == "-"] == [1, 2, 5]
    assert "No score on mnist-color-sat20@1: gap." in table.notes
    assert family_figure(drawn).count("<polyline") == 1 + 2


def test_one_member_makes_no_curve():
    drawn, by_name = curves(FALLING, whole=[1, 1, 0.8, 0.2, 0, 0], point=[1, *[None] * 5])
    assert list(by_name) == ["whole"]
    assert "Run on one member only, which makes no curve: point." in family_table(drawn).notes


def test_one_seed_gives_a_threshold_without_an_interval():
    results = {MethodInTrack((), "lone"): along(RISING, [0, 0, 0, 1, 1, 1], n_seeds=1)}
    (curve,) = family_curves(RISING, results).curves
    assert curve.threshold.estimate == pytest.approx(0.25)
    assert (curve.threshold.low, threshold_text(curve)) == (None, "0.250")


def test_yardsticks_are_listed_last_under_their_line():
    results = {
        MethodInTrack((), "erm"): along(FALLING, [1, 1, 0.8, 0.2, 0, 0]),
        MethodInTrack((), "oracle"): along(FALLING, [1] * 6, standing="yardstick", tier=None),
    }
    table = family_table(family_curves(FALLING, results))
    assert [line[0].text for line in table.lines] == ["erm", "oracle"]
    assert table.lines_above == {1: "Yardsticks"}


def test_documents_are_plain_json():
    drawn, _ = curves(FALLING, good=[1, 1, 1, 0.9, 0.6, 0.501], never=[0] * 6)
    document = json.loads(drawn.model_dump_json())
    assert document["curves"][1]["threshold"]["estimate"] == "never"


def overview(**methods):
    results = {MethodInTrack((), name): cells for name, cells in methods.items()}
    shown = overview_of(results, (), suite=SUITE)
    return shown, {row.name: row for row in shown.rows}


def test_the_overall_score_is_the_mean_over_a_suite():
    shown, by_name = overview(
        low={"a@1": result(0.2, tier=2), "b@1": result(0.3, tier=3)},
        high={"a@1": result(0.9), "b@1": result(0.1, tier=3)},
    )
    assert [row.name for row in shown.rows] == ["high", "low"]
    high = by_name["high"]
    cells = [cell.hps.estimate for cell in high.cells]
    assert high.overall.estimate == pytest.approx(sum(cells) / 2)
    assert high.overall.low < high.overall.estimate < high.overall.high
    assert (high.mean_tier, by_name["low"].mean_tier) == (2, 2.5)


def test_only_methods_that_ran_all_members_have_an_overall_score():
    shown, by_name = overview(
        best={"a@1": result(0.99)}, whole={"a@1": result(0.1), "b@1": result(0.1)}
    )
    assert [row.name for row in shown.rows] == ["whole", "best"]
    assert (by_name["best"].overall, by_name["best"].cells[1]) == (None, None)
    table = overview_table(shown)
    assert table.lines[1][-1].text == "-"
    assert "No score on b@1: best." in table.notes


def test_a_method_that_is_unranked_somewhere_has_no_mean_tier():
    _, by_name = overview(
        quit={"a@1": result(0.9), "b@1": result(0.1, tier=None, standing="gave-up")}
    )
    assert by_name["quit"].overall is not None
    assert by_name["quit"].mean_tier is None


def test_without_a_suite_nothing_is_summed():
    cells = {"a@1": result(0.9), "b@1": result(0.1)}
    shown = overview_of({MethodInTrack((), "erm"): cells}, ("a@1", "b@1"))
    assert (shown.suite, shown.rows[0].overall) == (None, None)
    assert [head.title for head in overview_table(shown).heads] == ["Method", "a@1", "b@1"]
