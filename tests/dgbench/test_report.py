"""A report shows what the runs say: nothing twice, nothing mixed, no failure averaged over."""

import csv
import io

import pytest

from data_gen.foundation.errors import DGBenchError, UsageError
from data_gen.manifest import SourceRecord
from dgbench.metrics.scores import scores
from dgbench.report.boards import read_boards
from dgbench.report.grid import grid_of
from dgbench.report.heat_map import save_heat_map
from dgbench.report.tables import as_csv, as_markdown, print_boards
from dgbench.results.folder import run_folder, write_record
from dgbench.results.lease import claim
from tests.dgbench.records import RECORD, REFERENCE, SPEC, configuration, counts


@pytest.fixture
def runs(tmp_path):
    """A folder of runs, and a function that adds one to it."""

    def add(seed=0, *, status="done", correct=None, place="runs", **changes):
        setup = configuration(**changes)
        record = RECORD.model_copy(
            update={
                "configuration": setup,
                "seed": seed,
                "status": status,
                "domains": counts(**(correct or {})) if status == "done" else {},
            }
        )
        folder = run_folder(tmp_path / place, setup, seed)
        write_record(folder, record)
        return folder

    add.folder = tmp_path / "runs"
    return add


def entries(runs):
    return [entry for board in read_boards([runs.folder]) for entry in board.entries]


def test_each_configuration_has_one_entry_with_the_scores_of_its_seeds(runs):
    runs(1, correct={"shape": 500})
    runs(0, correct={"shape": 300})
    (entry,) = entries(runs)
    assert (entry.name, entry.seeds) == ("erm", (0, 1))
    expected = [scores(counts(shape=right), SPEC, REFERENCE) for right in (300, 500)]
    assert list(entry.scores) == expected
    assert entry.mean("hps") == pytest.approx(sum(seed_scores.hps for seed_scores in expected) / 2)


def test_the_best_comes_first(runs):
    for method, right in (("low", 200), ("high", 700), ("middle", 400)):
        runs(method=method, correct={"shape": right})
    assert [entry.name for entry in entries(runs)] == ["high", "middle", "low"]


def test_configurations_of_one_method_are_named_by_their_differences(runs):
    runs()
    runs(hyper_parameters={"weight": 0.5})
    runs(method="other", steps=7)
    names = {entry.name for entry in entries(runs)}
    assert names == {"erm (weight=1)", "erm (weight=0.5)", "other (steps=7)"}


def test_settings_that_most_configurations_share_are_not_shown(runs):
    for weight in (1.0, 0.5, 2.0):
        runs(hyper_parameters={"weight": weight, "margin": 3})
    runs(hyper_parameters={"weight": 1.0, "margin": 4})
    runs(hyper_parameters={"weight": 1.0, "margin": 5})
    names = {entry.name for entry in entries(runs)}
    assert names == {
        "erm",
        "erm (weight=0.5)",
        "erm (weight=2)",
        "erm (margin=4)",
        "erm (margin=5)",
    }


def test_runs_that_are_not_done_are_shown_and_not_averaged(runs):
    runs(0, correct={"shape": 300})
    runs(1, status="diverged")
    held = claim(runs(2, status="running"))
    runs(3, status="diverged")
    (entry,) = entries(runs)
    assert entry.seeds == (0,)
    assert entry.not_counted == {"diverged": (1, 3), "running": (2,)}
    assert "1, 2 diverged, 1 running" in as_markdown(read_boards([runs.folder]))
    held.release()
    assert entries(runs)[0].not_counted == {"diverged": (1, 3), "killed": (2,)}


def test_an_entry_without_any_finished_run_has_no_number_and_is_last(runs):
    runs(method="broken", status="diverged")
    runs()
    assert [entry.name for entry in entries(runs)] == ["erm", "broken"]
    line = next(
        line for line in as_markdown(read_boards([runs.folder])).splitlines() if "broken" in line
    )
    assert set(line.split("|")[5:-1]) == {" - "}
    assert line.startswith("| - | - | broken | 0, 1 diverged |")


def test_a_run_that_two_folders_hold_counts_once_and_the_finished_copy_wins(runs, tmp_path):
    runs(0, status="interrupted", place="a")
    runs(0, place="b")
    boards = read_boards([tmp_path / "a", tmp_path / "b", tmp_path])
    assert [entry.seeds for board in boards for entry in board.entries] == [(0,)]
    assert boards[0].entries[0].not_counted == {}


def test_oracles_are_not_listed_as_methods(runs):
    runs()
    runs(train_domain="train.only.shape")
    assert len(entries(runs)) == 1


def test_tracks_are_never_mixed(runs):
    runs()
    runs(method="blind", uses=("augmentation_prior",))
    titles = [board.title for board in read_boards([runs.folder])]
    assert titles == [
        "mnist-color-5k@1; track standard; selection fixed",
        "mnist-color-5k@1; track augmentation prior; selection fixed",
    ]


def test_low_retention_is_marked(runs):
    runs(correct={"id": 800})
    text = as_markdown(read_boards([runs.folder]))
    assert "\\*: R below 0.95." in text
    marked = next(line for line in text.splitlines() if "| erm" in line)
    assert "\\*" in marked


def test_csv_has_every_run_unrounded(runs):
    runs(0, correct={"shape": 333})
    runs(1)
    rows = list(csv.DictReader(io.StringIO(as_csv(read_boards([runs.folder])))))
    assert [row["seed"] for row in rows] == ["0", "1"]
    expected = scores(counts(shape=333), SPEC, REFERENCE)
    assert float(rows[0]["hps"]) == expected.hps
    assert float(rows[0]["accuracy.up.color"]) == 0.333


def test_without_reference_values_accuracies_are_shown(runs, capsys):
    runs(sources={"mnist-5k": SourceRecord(name="mnist-5k", digest="another")}, official=False)
    boards = read_boards([runs.folder])
    assert boards[0].reference is None
    print_boards(boards)
    shown = " ".join(capsys.readouterr().out.split())
    assert "unofficial data" in shown
    assert "dgbench ceilings mnist-color-5k" in shown
    assert "Hidden id" in shown
    assert "mp.color.mean" in shown
    with pytest.raises(UsageError, match="nothing to draw"):
        grid_of(boards)


def test_names_cannot_style_a_table(runs, capsys):
    runs(method="[red]me|thod")
    boards = read_boards([runs.folder])
    print_boards(boards)
    assert "[red]me|thod" in capsys.readouterr().out
    assert "[red]me\\|thod" in as_markdown(boards)


def test_runs_of_another_spec_need_its_file(runs):
    runs(spec_digest="0" * 64)
    with pytest.raises(DGBenchError, match=r"runs of another mnist-color-5k@1 .* --benchmark"):
        read_boards([runs.folder])


def test_runs_of_a_benchmark_that_is_not_installed_need_its_file(runs):
    runs(benchmark="mine@1")
    with pytest.raises(UsageError, match=r"--benchmark FILE\.yaml"):
        read_boards([runs.folder])


def test_a_folder_without_runs_is_named(tmp_path):
    with pytest.raises(UsageError, match=r"no run at or below .* `dgbench train`"):
        read_boards([tmp_path])


def test_the_heat_map_has_a_cell_for_each_entry_and_pattern(runs, tmp_path):
    runs(method="finds", correct={"shape": 700})
    runs(method="misses")
    runs(method="dies", status="diverged")
    boards = read_boards([runs.folder])
    grid = grid_of(boards)
    assert [row.name for row in grid.rows] == ["finds", "misses"]
    assert [column.label for column in grid.columns] == ["F shape", "T shape", "T color"]
    assert {column.benchmark for column in grid.columns} == {SPEC.id}
    assert [column.is_hidden for column in grid.columns] == [True, True, False]
    best = next(entry for entry in boards[0].entries if entry.name == "finds")
    assert grid.values[0, 0] == pytest.approx(best.scores[0].found["shape"])
    assert grid.values[0, 1] == pytest.approx(best.scores[0].trusted["shape"])
    save_heat_map(boards, tmp_path / "heat.png")
    assert (tmp_path / "heat.png").read_bytes().startswith(b"\x89PNG")


def test_the_heat_map_keeps_tracks_apart(runs):
    runs(method="blind", uses=("augmentation_prior",), correct={"shape": 900})
    runs(method="finds", correct={"shape": 700})
    grid = grid_of(read_boards([runs.folder]))
    assert [row.name for row in grid.rows] == ["finds", "blind"]


def test_the_heat_map_does_not_merge_data_sets_that_look_alike(runs):
    for seed in (1, 2):
        runs(generator_seed=seed, official=False)
    with pytest.raises(UsageError, match="several unofficial sets"):
        grid_of(read_boards([runs.folder]))
