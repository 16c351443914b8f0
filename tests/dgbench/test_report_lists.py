"""Reports over families and suites, made of stored runs."""

import json
import re
from dataclasses import replace
from pathlib import Path

import pytest

import baselines
from data_gen.foundation.errors import UsageError
from dgbench.lists.family import find_family
from dgbench.lists.suite import find_suite
from dgbench.report.boards import read_boards
from dgbench.report.list_report import list_report
from dgbench.report.page import as_html

STORED = Path(baselines.__file__).parent / "results" / "reference"
PLACES = [STORED / "mnist-color@1" / "erm", STORED / "fashion-color@1" / "erm"]


@pytest.fixture(scope="module")
def boards():
    return read_boards(PLACES)


@pytest.fixture(scope="module")
def suite_boards():
    return read_boards(PLACES, members=find_suite("core").members)


def test_a_suite_with_missing_runs_shows_the_gaps(suite_boards):
    suite = find_suite("core")
    shown = list_report(suite_boards, suite=suite).overview
    (erm,) = shown.rows
    lacking = [name for name, cell in zip(shown.benchmarks, erm.cells, strict=True) if cell is None]
    assert lacking == [
        name for name in suite.members if name not in ("mnist-color@1", "fashion-color@1")
    ]
    assert (erm.overall, erm.mean_tier) == (None, None)
    assert erm.cells[0].hps.low < erm.cells[0].hps.estimate < erm.cells[0].hps.high


def test_only_boards_of_members_are_read():
    (board,) = read_boards(PLACES, members=["fashion-color@1"])
    assert board.spec.id == "fashion-color@1"
    with pytest.raises(UsageError, match="No run there is on any of these benchmarks: mnist-lad"):
        read_boards(PLACES, members=["mnist-ladder@2"])


def test_an_overview_has_the_scores_of_the_boards(boards):
    shown = list_report(boards).overview
    by_name = dict(zip(shown.benchmarks, shown.rows[0].cells, strict=True))
    for board in boards:
        (entry,) = board.entries
        assert by_name[board.spec.id].hps.estimate == entry.mean("hps")
        assert by_name[board.spec.id].hps.low == entry.headline.low


def test_a_profile_has_the_scores_of_every_pattern(boards):
    (profile,) = list_report(boards).profiles
    assert {benchmark.benchmark for benchmark in profile.benchmarks} == {
        "mnist-color@1",
        "fashion-color@1",
    }
    entries = {board.spec.id: board.entries[0] for board in boards}
    for benchmark in profile.benchmarks:
        entry = entries[benchmark.benchmark]
        assert [pattern.is_hidden for pattern in benchmark.patterns] == [True, False]
        for pattern in benchmark.patterns:
            assert pattern.found == entry.found.get(pattern.pattern)
            assert pattern.trusted == entry.trusted.get(pattern.pattern)
            assert pattern.encoded == entry.encoded.get(pattern.pattern)


def test_a_page_shows_overview_and_strips_above_the_boards(boards):
    page = as_html(boards)
    assert page.index("<h2>Overview</h2>") < page.index('id="board-0"')
    assert "Profiles of the methods" in page
    strips = page[page.index("Profiles of the methods") : page.index("What each method finds")]
    (profile,) = list_report(boards).profiles
    scores = [
        score
        for benchmark in profile.benchmarks
        for pattern in benchmark.patterns
        for score in (pattern.found, pattern.trusted, pattern.encoded)
    ]
    n_points = sum(score is not None for score in scores)
    assert len(re.findall("<circle", strips)) == n_points
    assert n_points > 0


def test_a_page_of_one_benchmark_has_no_overview():
    page = as_html(read_boards(PLACES[:1]))
    assert "<h2>Overview</h2>" not in page
    assert "Profiles of the methods" not in page


def test_a_family_has_its_figure_and_names_what_is_missing(suite_boards):
    family = find_family("color-predictivity")
    listed = list_report(suite_boards, family=family)
    assert listed.curves.single_points == ("erm",)
    assert "Where each method goes blind" in as_html(suite_boards, listed=listed)
    document = json.loads(json.dumps(listed.document))
    assert document["family"]["family"]["name"] == "color-predictivity"


def test_a_benchmark_without_reference_values_is_named(boards):
    listed = list_report(
        [replace(boards[0], reference=None), *boards[1:]], suite=find_suite("core")
    )
    (table,) = listed.tables
    assert listed.unreferenced == (boards[0].spec.id,)
    assert f"`dgbench ceilings {boards[0].spec.id}` measures them." in table.notes[-1]


def test_a_family_without_any_run_is_refused(suite_boards):
    with pytest.raises(UsageError, match="No run there has an HPS on the official data of any"):
        list_report(suite_boards, family=find_family("tint-availability"))
