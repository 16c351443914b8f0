"""`dgbench report` as a user types it."""

import csv
import io
import shutil
from pathlib import Path

import pytest

import baselines
from tests.cli.terminal import assert_refused, dgbench

STORED = Path(baselines.__file__).parent / "results" / "reference" / "mnist-color@1"


def test_the_table_puts_the_best_first_and_explains_itself(tmp_path):
    done = dgbench("report", STORED / "erm", STORED / "prcl", folder=tmp_path)
    assert done.returncode == 0, done.stderr
    assert done.stdout.index("prcl") < done.stdout.index("erm")
    assert "HPS: mean F of the hidden patterns (shape)" in " ".join(done.stdout.split())


@pytest.mark.parametrize("suffix", ["md", "tex", "csv", "html", "json", "png"])
def test_a_file_is_written_in_the_format_of_its_name(tmp_path, suffix):
    name = f"found.{suffix}"
    done = dgbench("report", STORED / "erm", "-o", name, folder=tmp_path)
    assert (done.returncode, done.stdout) == (0, f"{name}\n"), done.stderr
    assert (tmp_path / name).stat().st_size > 0


def test_csv_can_be_piped(tmp_path):
    done = dgbench("report", STORED / "erm", "--format", "csv", folder=tmp_path)
    rows = list(csv.DictReader(io.StringIO(done.stdout)))
    assert [row["seed"] for row in rows] == list("01234")


def test_a_suite_is_printed_as_a_table(tmp_path):
    done = dgbench("report", STORED / "erm", "--suite", "core", folder=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "Suite core@1" in done.stdout
    assert "No score on mnist-color-swap@1" in " ".join(done.stdout.split())


def damaged(folder):
    place = folder / "damaged"
    shutil.copytree(next((STORED / "erm").glob("*/seed-0")), place)
    (place / "run.json").write_text('{"schema_version": 1')


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["missing"], 2, "'missing' is not a folder. Name the folder that holds runs."),
        (["."], 2, "There is no run at or below '.'. `dgbench train` makes some."),
        (["damaged"], 1, "damaged/run.json' is damaged"),
        ([STORED, "-o", "found.pdf"], 2, "'found.pdf' does not end in any of .md, .tex, .csv"),
        ([STORED, "--format", "png"], 2, "A picture needs a file: add -o FILE.png."),
        ([STORED, "--format", "table", "-o", "x"], 2, "A table is for the terminal"),
        ([STORED, "--benchmark", "no.yaml"], 2, "no.yaml"),
    ],
)
def test_mistakes_are_named_and_nothing_is_written(tmp_path, arguments, code, message):
    if arguments == ["damaged"]:
        damaged(tmp_path)
    before = sorted(tmp_path.rglob("*"))
    assert_refused(dgbench("report", *arguments, folder=tmp_path), code, message)
    assert sorted(tmp_path.rglob("*")) == before
