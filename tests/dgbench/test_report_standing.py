"""A report ranks what kept to the task, and lists the others below a line, in every format."""

import csv
import io

import pytest

from dgbench.metrics.ranking import verdict
from dgbench.report.boards import read_boards
from dgbench.report.figures import against_cost, against_retention, tiers
from dgbench.report.grid import grid_of
from dgbench.report.legend import legend
from dgbench.report.page import as_html
from dgbench.report.pairs import pairs_of
from dgbench.report.tables import as_csv, as_latex, as_markdown, is_best, print_boards, table_of
from dgbench.results.folder import run_folder, write_record
from dgbench.results.record import Cost
from tests.dgbench.records import RECORD, configuration, counts

COST = Cost(
    parameters=10,
    flops_per_image=None,
    training_seconds=2.0,
    evaluation_seconds=1.0,
    loading_seconds=1.0,
    training_images_per_second=1.0,
    evaluation_images_per_second=1.0,
    peak_memory_bytes=1,
    peak_device_memory_bytes=None,
    energy=None,
)


def add(folder, method, seeds, *, right, spread=1, kept=990, **changes):
    for seed in range(seeds):
        setup = configuration(method)
        domains = counts(shape=right + spread * seed, id=kept)
        record = RECORD.model_copy(
            update={"configuration": setup, "seed": seed, "status": "done", "domains": domains}
            | {"cost": COST}
            | changes
        )
        write_record(run_folder(folder, setup, seed), record)


@pytest.fixture(scope="module")
def board(tmp_path_factory):
    """Four ranked entries, and one for each reason not to be ranked."""
    folder = tmp_path_factory.mktemp("runs")
    add(folder, "best", 5, right=800)
    add(folder, "near", 3, right=799)
    add(folder, "scattered", 5, right=300, spread=180)
    add(folder, "worse", 5, right=300)
    add(folder, "once", 1, right=900)
    add(folder, "gave-in", 5, right=950, kept=700)
    add(folder, "torn", 4, right=940)
    add(folder, "guesser", 5, right=100, kept=100, is_yardstick=True)
    setup = configuration("torn")
    diverged = {"configuration": setup, "seed": 4, "status": "diverged", "domains": {}}
    write_record(run_folder(folder, setup, 4), RECORD.model_copy(update=diverged))
    (only,) = read_boards([folder])
    return only


def test_ranked_entries_come_first_then_few_seeds_then_gave_up_then_yardsticks(board):
    listed = [(entry.name, entry.standing, entry.rank, entry.tier) for entry in board.entries]
    assert listed == [
        ("best", "full", 1, 1),
        ("near", "provisional", 2, 1),
        ("scattered", "full", 3, 1),
        ("worse", "full", 4, 2),
        ("once", "unranked", None, None),
        ("gave-in", "gave-up", None, None),
        ("torn", "gave-up", None, None),
        ("guesser", "yardstick", None, None),
    ]
    assert table_of(board).lines_above == {5: "Gave up the task", 7: "Yardsticks"}


def test_the_first_tier_is_bold_without_the_entry_that_scatters(board):
    assert [entry.name for entry in board.entries if is_best(board, entry)] == ["best", "near"]
    assert [entry.name for entry in board.entries if entry.is_unstable] == ["scattered"]
    assert "| 3 | 1~ | scattered |" in as_markdown([board])
    assert any(note.startswith("~: unstable, ") for note in legend(board))


def test_every_format_has_the_lines(board, capsys):
    print_boards([board])
    terminal = capsys.readouterr().out
    page = as_html([board])
    n = len(table_of(board).heads)
    for title in ("Gave up the task", "Yardsticks"):
        assert title in terminal
        assert f" | *{title}* | " in as_markdown([board])
        assert f"\\multicolumn{{{n}}}{{l}}{{\\textit{{{title}}}}}" in as_latex([board])
        assert f'<th scope="rowgroup" colspan="{n}">{title}</th>' in page
    rows = list(csv.DictReader(io.StringIO(as_csv([board]))))
    standings = {row["entry"]: row["standing"] for row in rows}
    assert standings == {entry.name: entry.standing for entry in board.entries}
    against = {row["entry"]: row["against_best"] for row in rows}
    assert against["worse"] == "worse"
    assert against["near"] == against["scattered"] == "not shown different"
    assert against["best"] == against["guesser"] == ""


def test_the_page_has_the_verdict_on_every_two(board):
    table = pairs_of(board)
    signs = {"better": "+", "worse": "-", "not shown different": "."}
    ranked = [entry for entry in board.entries if entry.rank]
    for line, entry in zip(table.lines, ranked, strict=True):
        for cell, other in zip(line[2:], ranked, strict=True):
            if other is entry:
                assert cell.text == ""
            else:
                mine, its = entry.contender, other.contender
                assert cell.text == signs[verdict(mine, its)]
    assert [cell.text for cell in table.lines[0][2:]] == ["", ".", ".", "+"]


def test_yardsticks_are_the_last_part_of_the_heat_map(board):
    grid = grid_of([board])
    assert [row.part for row in grid.rows] == [""] * 7 + ["Yardsticks"]
    assert grid.rows[-1].name == "guesser"


def test_yardsticks_are_drawn_as_lines_and_never_counted(board):
    for figure in (tiers(board), against_retention(board), against_cost(board)):
        assert "the yardsticks guesser (" in figure
        assert "guesser: " not in figure
    assert "of 7 methods" in as_html([board])


def test_entries_that_gave_up_are_on_no_frontier(board):
    figure = against_cost(board)
    assert 'class="name"' in figure
    assert ">gave-in<" not in figure.replace("<title>gave-in", "")
    assert ">once<" in figure
