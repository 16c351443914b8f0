"""The tables say what the rows hold, in the right digits."""

import math

from data_gen.spec_files import find_spec
from leaderboard.columns import columns
from leaderboard.web import board_table, charts, submission_frames
from leaderboard.web.theme import BAND, BEST, WARNING, shade
from tests.leaderboard.web.made import row

SPEC = find_spec("mnist-color@1")
COLUMNS = {column.title: column for column in columns(SPEC)}


def test_every_column_is_explained() -> None:
    for spec in (SPEC, find_spec("colored-mnist@1"), find_spec("mnist-ladder@1"), None):
        shown_columns = columns(spec)
        assert all(len(column.help) > 4 for column in shown_columns)
        assert len({column.title for column in shown_columns}) == len(shown_columns)


def test_hidden_patterns_come_before_the_dominant_one() -> None:
    titles = [title for title in COLUMNS if title.startswith(("F ", "T "))]
    assert titles == ["F shape", "F color", "T shape", "T color"]


def test_environments_are_scored_by_accuracy() -> None:
    titles = [column.title for column in columns(find_spec("colored-mnist@1"))]
    assert "Worst environment" in titles
    assert not {"HPS", "UP", "MP", "R"} & set(titles)


def test_a_frame_holds_unrounded_numbers_and_gaps() -> None:
    rows = [row(), row(hps=None, method="none")]
    table = board_table.frame(rows, [COLUMNS["Method"], COLUMNS["HPS"]])
    assert list(table["Method"]) == ["prcl", "none"]
    assert table["HPS"][0] == 0.6213
    assert math.isnan(table["HPS"][1])


def test_low_retention_and_failed_checks_are_marked() -> None:
    low = row(retention=0.74)
    assert COLUMNS["R"].text(low) == "0.74*"
    assert COLUMNS["R"].text(row(retention=0.95)) == "0.95"
    style = board_table.styled([low, row(verification="failed")], list(COLUMNS.values()))
    css = style._compute().ctx
    index = list(COLUMNS).index("R")
    assert any(WARNING.partition(": ")[2] in value for _, value in css[0, index])
    assert not css.get((1, index))
    assert css[1, list(COLUMNS).index("Checked")]


def test_rows_of_a_tier_share_a_band_and_each_part_below_has_its_own() -> None:
    rows = [
        *(row(rank=rank, tier=tier) for rank, tier in ((1, 1), (2, 2), (3, 2), (4, 3))),
        *(row(rank=None, tier=None, standing=name) for name in ("gave-up", "gave-up", "yardstick")),
    ]
    style = board_table.styled(rows, [COLUMNS["Rank"]])
    css = style._compute().ctx
    banded = [BAND.partition(": ")[2] in str(css.get((index, 0), "")) for index in range(7)]
    assert banded == [False, True, True, False, True, True, False]


def test_the_first_tier_is_bold_without_what_scatters() -> None:
    rows = [row(), row(rank=2, is_unstable=True), row(rank=3, tier=2)]
    css = board_table.styled(rows, [COLUMNS["Method"], COLUMNS["Tier"]])._compute().ctx
    bold = [BEST.partition(": ")[2] in str(css.get((index, 0), "")) for index in range(3)]
    assert bold == [True, False, False]
    assert [COLUMNS["Tier"].text(line) for line in rows] == ["1", "1~", "2"]


def test_yardsticks_and_who_gave_up_are_not_counted_nor_best_at_any_time() -> None:
    rows = [
        row(method="erm", hps=0.6),
        row(method="gave-in", hps=0.9, rank=None, tier=None, standing="gave-up"),
        row(method="shape-only", hps=0.99, rank=None, tier=None, standing="yardstick"),
    ]
    assert board_table.finding(rows, SPEC).startswith("1 of 1 method finds")
    assert list(board_table.over_time(rows)["is_best"]) == [True, False, False]
    assert list(board_table.over_time(rows[::-1])["is_best"]) == [False, False, True]
    assert list(board_table.scores_with_intervals(rows)["method"]) == ["gave-in", "erm"]
    assert list(board_table.yardsticks(rows)["method"]) == ["shape-only"]
    costs = submission_frames.costs(rows, "training_seconds")
    assert dict(zip(costs["method"], costs["frontier"], strict=True)) == {
        "gave-in": False,
        "erm": True,
    }
    drawn = charts.intervals(
        board_table.scores_with_intervals(rows),
        title="HPS",
        yardsticks=board_table.yardsticks(rows),
    )
    assert drawn.to_dict()["layer"][0]["mark"]["strokeDash"] == [4, 3]


def test_shades_grow_with_the_score_and_never_leave_the_range() -> None:
    assert shade(-0.2) == shade(0.0)
    assert shade(1.2) == shade(1.0)
    assert "color: #ffffff" in shade(0.9)
    assert "color: #ffffff" not in shade(0.3)


def test_the_first_sentence_names_the_methods_that_find_hidden_patterns() -> None:
    rows = [row(), row(method="erm", hps=0.05)]
    assert board_table.finding(rows, SPEC) == (
        "1 of 2 methods finds at least half of what the easy pattern hides (shape): prcl with HPS "
        "0.62 (0.50 to 0.74)."
    )
    none = board_table.finding([row(method="erm", hps=0.05)], SPEC)
    assert none.startswith("None of 1 method finds half of what the easy pattern hides (shape).")
    assert "erm with HPS 0.05" in none
    assert board_table.finding([row(standing="unranked")], SPEC) == ""
    assert board_table.finding(rows, find_spec("colored-mnist@1")) == ""


def test_the_chart_shows_the_best_first_and_leaves_out_rows_without_a_score() -> None:
    rows = [row(method="b", hps=0.1), row(method="a", hps=0.3), row(method="c", hps=None)]
    assert list(board_table.scores_with_intervals(rows)["method"]) == ["a", "b"]
    assert list(board_table.over_time(rows)["method"]) == ["b", "a"]
