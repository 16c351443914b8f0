"""A sweep as a user types it: what it does, what it repeats (nothing), and what it says."""

import json

import pytest

from dgbench.results.declaration import read_declaration
from dgbench.results.folder import find_runs, read_record
from tests.cli.terminal import assert_refused, dgbench

SHORT = ("--steps", 8, "--batch-size", 32, "--no-probes", "--accelerator", "cpu")
SMALL = ("--methods", "erm,irm", "--benchmarks", "mnist-color-5k", "--seeds", "0-1", *SHORT)


def states(out):
    return {
        (record.configuration.method.name, record.trial, record.seed): record.status
        for record in map(read_record, find_runs(out))
    }


@pytest.fixture(scope="module")
def swept(tmp_path_factory):
    folder = tmp_path_factory.mktemp("sweep")
    done = dgbench("sweep", *SMALL, "--workers", 2, folder=folder)
    assert done.returncode == 0, done.stderr
    return folder, done


def test_a_sweep_does_every_run_and_names_methods_that_do_not_apply(swept):
    folder, done = swept
    assert states(folder / "sweep") == {("erm", 0, 0): "done", ("erm", 0, 1): "done"}
    assert "n/a: irm on mnist-color-5k@1" in done.stdout
    assert "2 runs: 2 done." in done.stdout
    assert done.stderr.count("[") == 2  # a line for each run, since this is not a terminal
    assert read_declaration(folder / "sweep").methods == ("erm", "irm")
    assert not list((folder / "sweep").rglob("*.partial"))


def test_a_dry_run_lists_the_runs_and_estimates_the_time(swept):
    folder, _ = swept
    more = ("--methods", "sam", "--benchmarks", "mnist-color-5k", "--trials", 2)
    shown = dgbench("sweep", *more, "--dry-run", folder=folder)
    assert shown.returncode == 0, shown.stderr
    assert "8 runs: 2 done, 6 missing." in shown.stdout
    assert "to go" in shown.stdout
    asked = dgbench("sweep", *more, "--dry-run", "--json", folder=folder)
    runs = json.loads(asked.stdout)["runs"]
    assert [run["state"] for run in runs].count("missing") == 6
    assert all(run["seconds"] > 0 for run in runs if run["state"] == "missing")
    assert {bool(run["settings"]) for run in runs if run["trial"] == 1} == {True}
    # Looking declares nothing and runs nothing.
    assert read_declaration(folder / "sweep").trials == 1
    assert len(states(folder / "sweep")) == 2


def test_a_second_call_repeats_nothing_and_does_new_runs(swept):
    folder, _ = swept
    before = {run: (run / "run.json").stat().st_mtime_ns for run in find_runs(folder / "sweep")}
    again = dgbench("sweep", "--resume", "--seeds", "2", "--json", folder=folder)
    assert again.returncode == 0, again.stderr
    report = json.loads(again.stdout)
    assert [run["seed"] for run in report["runs"]] == [0, 1, 2]
    assert {run["state"] for run in report["runs"]} == {"done"}
    assert report["not_applicable"][0]["method"] == "irm"
    after = {run: (run / "run.json").stat().st_mtime_ns for run in find_runs(folder / "sweep")}
    assert before.items() < after.items()
    assert len(after) == 3


def test_a_failure_is_reported_at_the_end_and_the_others_go_on(tmp_path):
    (tmp_path / "odd.py").write_text(
        "import torch.nn.functional as F\nfrom dgbench.api import *\n"
        "class Odd(LossMethod):\n    '''Fails under two seeds.'''\n"
        "    def loss(self, batch):\n"
        "        print('a method may print')\n"
        "        loss = F.cross_entropy(self(batch.images), batch.labels)\n"
        "        if batch.seed == 0: raise KeyError('nothing')\n"
        "        return {'ce': loss * (float('nan') if batch.seed == 1 else 1)}\n"
    )
    command = (
        "sweep",
        "--methods",
        "odd.py:Odd",
        "--benchmarks",
        "mnist-color-5k",
        "--seeds",
        "0-2",
        *SHORT,
        "--workers",
        1,
    )
    done = dgbench(*command, folder=tmp_path)
    assert done.returncode == 1
    assert states(tmp_path / "sweep") == {
        ("odd", 0, 0): "failed",
        ("odd", 0, 1): "diverged",
        ("odd", 0, 2): "done",
    }
    assert "3 runs: 1 done, 1 diverged, 1 failed." in done.stdout
    assert "seed 0: failed. Odd raised KeyError: 'nothing', in line 8 of odd.py" in done.stderr
    assert "seed 1: diverged. The loss is not a number" in done.stderr
    assert "1 of 3 run(s) are not done" in done.stderr
    assert "may print" in (tmp_path / "sweep" / "sweep.log").read_text()
    assert "may print" not in done.stdout + done.stderr
    # A diverged run would diverge again. A failed run is tried once more, and no other run.
    again = dgbench("sweep", "--resume", "--quiet", folder=tmp_path)
    assert again.returncode == 1
    assert "seed 0: failed" in again.stderr
    assert "seed 1" not in again.stderr


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        ([], 2, "Name --methods, and --benchmarks, --family or --suite."),
        (["--methods", "erm"], 2, "Name --methods, and --benchmarks, --family or --suite."),
        (["--methods", "erm", "--family", "colour"], 2, "No family is called 'colour'"),
        (["--methods", "erm", "--suite", "cores"], 2, "No suite is called 'cores'"),
        (["--resume"], 2, "holds no sweep to go on with"),
        (["--methods", "ermm", "--benchmarks", "mnist-color-5k"], 2, "Did you mean 'erm'"),
        (["--methods", "erm", "--benchmarks", "mnist-colr"], 2, "Did you mean 'mnist-color'"),
        ([*SMALL, "--address", "auto"], 2, "Add --engine ray"),
        ([*SMALL, "--seeds", "x"], 2, "Write 0-4 or 0,3,7"),
        ([*SMALL, "--out", "/proc/nothing"], 1, "Cannot write"),
    ],
)
def test_a_mistake_is_one_clear_line(tmp_path, arguments, code, message):
    assert_refused(dgbench("sweep", *arguments, folder=tmp_path), code, message)
    assert not (tmp_path / "sweep").exists()


def test_another_budget_in_the_same_folder_is_refused(swept):
    folder, _ = swept
    done = dgbench("sweep", "--resume", "--steps", 9, folder=folder)
    assert_refused(done, 2, "steps = 8, not 9")


def test_shards_share_the_runs_of_a_sweep(swept):
    folder, _ = swept
    folders = []
    for shard in ("1/2", "2/2", "9/9"):
        shown = dgbench("sweep", *SMALL, "--shard", shard, "--dry-run", "--json", folder=folder)
        if shown.stdout:
            folders += [run["folder"] for run in json.loads(shown.stdout)["runs"]]
    assert shown.stderr.startswith("Nothing is left for part 9/9 of ")
    assert sorted(folders) == sorted(str(run.relative_to(folder)) for run in find_runs(folder))
    done = dgbench("sweep", *SMALL, "--shard", "2/2", folder=folder)
    assert done.returncode == 0, done.stderr
    assert " done." in done.stdout
    assert "missing" not in done.stdout
    refused = dgbench("sweep", *SMALL, "--shard", "3/2", folder=folder)
    assert_refused(refused, 2, "--shard '3/2' is not understood")
