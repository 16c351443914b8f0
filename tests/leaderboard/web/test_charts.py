"""The charts' axes and names can be read, however near together the rows are."""

import pytest

from leaderboard.web import board_table, charts
from tests.leaderboard.web.made import row


def axis(*times: str) -> tuple[str, str]:
    """The format and the title of the axis of time of submissions at some times."""
    rows = [row(submitted_at=time, method=str(n)) for n, time in enumerate(times)]
    drawn = charts.best_so_far(board_table.over_time(rows), title="HPS", ink="#000").to_dict()
    axes = {
        (layer["encoding"]["x"]["axis"]["format"], layer["encoding"]["x"]["title"])
        for layer in drawn["layer"]
    }
    (only_axis,) = axes
    return only_axis


@pytest.mark.parametrize(
    ("last", "form", "title"),
    [
        ("2026-11-24T20:00:00Z", "%Y-%m-%d", "submitted, UTC"),
        ("2026-11-24T20:00:07Z", "%H:%M:%S", "submitted on 2026-11-24, UTC"),
        ("2026-11-24T23:00:00Z", "%H:%M", "submitted on 2026-11-24, UTC"),
        ("2026-12-24T20:00:00Z", "%Y-%m-%d", "submitted, UTC"),
    ],
)
def test_times_are_written_so_that_they_differ(last: str, form: str, title: str) -> None:
    assert axis("2026-11-24T20:00:00Z", last) == (form, title)


def test_the_names_of_the_best_do_not_overlap() -> None:
    scores = {"a": 0.1, "worse": 0.05, "b": 0.11, "c": 0.3, "d": 0.31}
    rows = [
        row(submitted_at=f"2026-11-2{n}T20:00:00Z", method=name, hps=score)
        for n, (name, score) in enumerate(scores.items())
    ]
    drawn = charts.best_so_far(board_table.over_time(rows), title="HPS", ink="#000").to_dict()
    labelled = [line for lines in drawn["datasets"].values() for line in lines if "label" in line]
    assert [line["label"] for line in labelled] == ["", "b", "", "d"]
