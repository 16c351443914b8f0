"""The demands of a run's end are told before its first step, and optional parts fail nothing."""

import errno
import io
import shutil
import subprocess
import sys
from pathlib import Path

import click
import pytest
import torch
import typer

from data_gen.foundation.errors import DGBenchError, UsageError
from data_gen.foundation.files import folder_whole
from dgbench.benchmarks import open_benchmark
from dgbench.cli.options import parse_seeds
from dgbench.results.folder import find_runs, read_records, write_record
from dgbench.training.notes import notes
from dgbench.training.plan import ACCELERATORS, PRECISIONS, STRATEGIES, Plan
from tests.dgbench.runs import run, weights_of


@pytest.fixture
def without_glyphs():
    """A benchmark whose data set is here, and whose glyphs are not."""
    opened = open_benchmark("mnist-color-5k")
    opened.problem_of = lambda name: "Its glyphs are not here." if name == "dev.none" else ""
    return opened


def test_without_glyphs_the_probes_are_left_out_and_the_record_says_why(
    request_for, without_glyphs
):
    from dgbench.training.runner import Runner

    plan = Plan(request_for(with_probes=True), without_glyphs)
    assert list(notes(plan, [0])) == [
        "The features will not be probed, so that E is missing. Its glyphs are not here."
    ]
    record = Runner(plan).run(0)
    assert (record.status, record.probes) == ("done", {})
    assert record.probe_problem == "Its glyphs are not here."
    assert list(notes(Plan(request_for(), without_glyphs), [0])) == []


@pytest.mark.parametrize("change", [{"eval_every": 5}, {"with_development": True}])
def test_without_glyphs_development_domains_are_refused_at_once(
    request_for, without_glyphs, change
):
    with pytest.raises(DGBenchError, match="Its glyphs are not here"):
        Plan(request_for(**change), without_glyphs)


def test_an_edited_method_is_told_before_it_starts_anew(request_for, method_file, cross_entropy):
    name = method_file(cross_entropy)
    request = request_for(method=name)
    record = run(request)
    folder = Plan(request).folder(0)
    write_record(folder, record.model_copy(update={"status": "interrupted"}))
    assert list(notes(Plan(request_for(method=name, resume=True)), [0])) == []
    method_file(cross_entropy + "    # a comment\n")
    edited = Plan(request_for(method=name, resume=True))
    assert edited.folder(0) != folder
    (note,) = notes(edited, [0, 1])
    assert "nothing to go on with for seed(s) 0: what is there was made with another" in note


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("0-9999999999", "goes beyond 65535"),
        ("70000-70002", "the largest seed that a submission can hold"),
        ("²", "is not understood"),
        ("0-20000", "names more than 10,000 seeds"),
        ("5-3", "names no seeds"),
    ],
)
def test_seeds_beyond_reason_are_refused(text, problem):
    with pytest.raises(UsageError) as refused:
        parse_seeds(text)
    assert problem in str(refused.value)
    assert parse_seeds("65535") == [65535]


@pytest.mark.parametrize("option", ["accelerator", "precision", "strategy"])
def test_choices_that_nobody_offers_are_refused(request_for, option):
    with pytest.raises(UsageError, match=f"--{option} 'tpu' is not known"):
        Plan(request_for(**{option: "tpu"}))


@pytest.mark.parametrize(
    ("method", "precision"),
    [
        *(("erm", precision) for precision in PRECISIONS if precision != "32-true"),
        ("dfr", "64-true"),
    ],
)
def test_every_precision_trains(request_for, method, precision):
    request = request_for(method=method, precision=precision, with_probes=method == "erm", steps=20)
    assert run(request).status == "done"
    dtypes = {weights.dtype for weights in weights_of(request).values()}
    assert (torch.float64 in dtypes) == (precision == "64-true")


def test_double_precision_is_near_single(request_for):
    single, double = (request_for(precision=name, steps=6) for name in ("32-true", "64-true"))
    run(single)
    run(double)
    exact = weights_of(double)
    for name, weights in weights_of(single).items():
        torch.testing.assert_close(exact[name].to(weights.dtype), weights, rtol=1e-3, atol=2e-4)


@pytest.mark.parametrize("accelerator", sorted({*ACCELERATORS} - {"auto", "cpu"}))
def test_an_accelerator_that_is_not_here_is_one_sentence(request_for, accelerator, monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: False)
    with pytest.raises(DGBenchError, match="Use --accelerator cpu"):
        run(request_for(accelerator=accelerator))


def test_strategies_are_lightnings():
    from lightning.pytorch.strategies import StrategyRegistry

    assert set(STRATEGIES) <= {"auto", *StrategyRegistry.available_strategies()}


def test_a_damaged_record_among_many_is_named_and_stops_nothing(request_for, capsys):
    done = run(request_for())
    folder = Plan(request_for()).folder(0)
    damaged = folder.with_name("seed-1")
    damaged.mkdir()
    (damaged / "run.json").write_text("{")
    assert read_records(find_runs(request_for().out)) == [(folder, done)]
    told = capsys.readouterr().err
    assert told.startswith("Note: 1 run(s) left out. ")
    assert "seed-1/run.json' is damaged" in told
    with pytest.raises(DGBenchError, match="is damaged"):
        read_records([damaged])


def test_runs_behind_a_link_are_read_and_a_link_that_leads_back_ends(request_for, tmp_path):
    run(request_for())
    runs = request_for().out
    scratch = tmp_path / "scratch"
    shutil.move(next(runs.iterdir()), scratch)
    (runs / "mnist-color-5k@1").symlink_to(scratch)
    (scratch / "back").symlink_to(runs)
    assert [run.name for run in find_runs(runs)] == ["seed-0"]


def test_a_home_that_cannot_be_written_costs_a_cache_and_nothing_else(
    request_for, tmp_path, monkeypatch
):
    nobody = tmp_path / "file"
    nobody.write_text("")
    monkeypatch.setenv("DGBENCH_CACHE", str(nobody / "cache"))
    assert run(request_for(stream=True)).status == "done"


def test_the_texts_of_others_are_text(monkeypatch, capsys):
    from dgbench.cli.methods import list_methods
    from dgbench.registry import MethodCard

    card = MethodCard("theirs", "their [/package]", summary="Decays weights [/no] or [bold]so.")
    monkeypatch.setattr("dgbench.registry.method_cards", lambda: [card])
    list_methods(typer.Context(click.Command("methods")))
    assert "Decays weights [/no] or [bold]so." in capsys.readouterr().out


def test_a_package_that_is_half_there_does_not_hide_the_others(monkeypatch):
    from dgbench import registry

    read = registry._card_of

    def fails_for_erm(point):
        if point.name == "erm":
            raise RuntimeError("half of it is missing")
        return read(point)

    monkeypatch.setattr(registry, "_card_of", fails_for_erm)
    cards = {card.name: card for card in registry.method_cards()}
    assert cards["erm"].problem.startswith("RuntimeError: half of it is missing; repair")
    assert not cards["mixup"].problem


def test_a_letter_unknown_to_the_terminal_is_a_question_mark(monkeypatch):
    from dgbench.cli.main import _be_understood_everywhere

    raw = io.BytesIO()
    monkeypatch.setattr("sys.stdout", io.TextIOWrapper(raw, encoding="cp1252"))
    monkeypatch.setenv("PYTHONSAFEPATH", "1")
    _be_understood_everywhere()
    sys.stdout.write("\u2588 5 ± 1")
    sys.stdout.flush()
    assert raw.getvalue().decode("cp1252") == "? 5 ± 1"


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="/dev/full is Linux's")
def test_a_full_disk_behind_the_output_is_one_sentence(tmp_path):
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "dgbench", "benchmarks"],
            cwd=tmp_path,
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert done.returncode == 1
    assert done.stderr == (
        "Error: The disk is full: No space left on device. Make room and try again.\n"
    )


@pytest.mark.parametrize("place", [".", "link", "mount"])
def test_an_empty_folder_is_filled_where_it_is(tmp_path, monkeypatch, place):
    inner = tmp_path / "inner"
    inner.mkdir()
    monkeypatch.chdir(inner if place == "." else tmp_path)
    if place == "link":
        (tmp_path / "link").symlink_to(inner)
    if place == "mount":
        inner.rename(tmp_path / "mount")
        inner = tmp_path / "mount"
        monkeypatch.setattr(Path, "rename", _within_one_disk(inner))
    before = inner.stat().st_ino
    with pytest.raises(FileNotFoundError), folder_whole(Path(place)) as draft:
        (draft / "absent" / "half").touch()
    assert not list(inner.iterdir())
    with folder_whole(Path(place)) as draft:
        (draft / "sub").mkdir()
        (draft / "sub" / "file").write_text("whole")
    assert [path.name for path in inner.iterdir()] == ["sub"]
    assert (inner / "sub" / "file").read_text() == "whole"
    assert inner.stat().st_ino == before


def _within_one_disk(mount):
    """Renaming, as it is on a machine where a folder is a disk of its own."""
    rename = Path.rename

    def renamed(path, target):
        if Path(target).is_relative_to(mount) != path.is_relative_to(mount) or path == mount:
            raise OSError(errno.EXDEV, "Invalid cross-device link")
        return rename(path, target)

    return renamed
