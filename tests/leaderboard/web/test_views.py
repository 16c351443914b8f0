"""The tables say what the rows hold, in the right digits."""

from typing import Any

from data_gen.spec_files import find_spec
from dgbench.results.facts import Paper
from leaderboard.columns import columns
from leaderboard.records import Row
from leaderboard.web import board_table, charts, submission_frames
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


def test_progress_is_told_by_the_year_of_the_paper_too() -> None:
    def of(year: int, **changes: Any) -> Row:
        return row(paper=Paper(title="A title", year=year), **changes)

    rows = [
        of(2021, method="late", hps=0.5),
        of(2018, method="early", hps=0.4),
        of(2021, method="best", hps=0.6),
        row(method="undated", hps=0.9),
    ]
    table = board_table.over_time(rows, by_paper=True)
    assert list(table["method"]) == ["early", "best", "late"]
    assert list(table["is_best"]) == [True, True, False]
    assert [time.year for time in table["time"]] == [2018, 2021, 2021]
    assert board_table.over_time([rows[-1]], by_paper=True).empty
    assert charts.best_so_far(table, title="HPS", ink="#000", by_paper=True).to_dict()


def test_charts_and_sentences_of_several_tracks_tell_them_apart() -> None:
    rows = [row(), row(method="irm", uses=("environments",), hps=0.7)]
    names = list(board_table.scores_with_intervals(rows)["method"])
    assert names == ["irm (environments)", "prcl (standard)"]
    said = board_table.findings(rows, SPEC)
    assert [text.partition(":")[0] for text in said] == ["standard, fixed", "environments, fixed"]
    assert all("1 of 1 method" in text for text in said)
