"""The commands as a user types them: what they print, and what they answer to a mistake."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from tests.cli.terminal import ENVIRONMENT, assert_refused, dgbench
from tests.data_gen.specs import document


def test_help_lists_the_commands(tmp_path):
    done = dgbench("--help", folder=tmp_path)
    assert done.returncode == 0
    for command in ("benchmarks", "generate", "preview", "verify-data"):
        assert command in done.stdout


def test_a_call_without_a_command_shows_the_help_as_a_usage_error(tmp_path):
    done = dgbench(folder=tmp_path)
    assert done.returncode == 2
    assert "Usage" in done.stdout + done.stderr


def test_the_list_names_every_benchmark(tmp_path):
    listed = dgbench("benchmarks", folder=tmp_path).stdout
    benchmarks = json.loads(dgbench("benchmarks", "--json", folder=tmp_path).stdout)
    assert len(benchmarks) >= 16
    assert all(name in listed for name in benchmarks)
    assert benchmarks["mnist-color@1"]["hidden"] == ["shape"]
    assert "mnist-ladder@1" not in benchmarks
    assert "Older versions, kept for results on them: " in listed
    assert "mnist-ladder@1" in listed


def test_the_members_of_a_family_and_of_a_suite_are_listed(tmp_path):
    done = dgbench("benchmarks", "--family", "tint-availability", folder=tmp_path)
    assert done.returncode == 0, done.stderr
    assert done.stdout.index("0.05") < done.stdout.index("mnist-color-swap@1")
    members = dgbench("benchmarks", "--suite", "core", "--json", folder=tmp_path)
    assert json.loads(members.stdout)["members"][0] == "mnist-color@1"


def test_show_tells_patterns_domains_and_digest(tmp_path):
    shown = dgbench("benchmarks", "show", "mnist-color-5k", folder=tmp_path).stdout
    description = json.loads(
        dgbench("benchmarks", "show", "mnist-color-5k", "--json", folder=tmp_path).stdout
    )
    assert description["digest"] in shown
    assert "mp.color.neutral" in shown
    assert "only.shape" in shown
    assert description["spec"]["name"] == "mnist-color-5k"


def test_generate_preview_and_verify_go_together(tmp_path):
    made = dgbench("generate", "mnist-color-5k", folder=tmp_path)
    folder = Path("data") / "mnist-color-5k@1"
    assert made.returncode == 0, made.stderr
    assert "12,400 images in 12 splits (official)" in made.stdout
    again = dgbench("generate", "mnist-color-5k", folder=tmp_path)
    assert "Nothing to do" in again.stdout
    for what, picture in ((folder, "a.png"), ("mnist-color-5k", "b.png")):
        assert dgbench("preview", what, "-o", picture, folder=tmp_path).returncode == 0
    assert (tmp_path / "a.png").read_bytes() == (tmp_path / "b.png").read_bytes()
    sound = dgbench("verify-data", folder, "--json", folder=tmp_path)
    assert json.loads(sound.stdout) == {"benchmark": "mnist-color-5k@1", "differences": []}
    (tmp_path / folder / "data" / "id.parquet").write_bytes(b"")
    broken = dgbench("verify-data", folder, folder=tmp_path)
    assert broken.returncode == 1
    assert "split 'id'" in broken.stdout


BAD = [
    (["frobnicate"], 2, "No such command 'frobnicate'"),
    (["generate", "mnist-colour"], 2, "Did you mean 'mnist-color'?"),
    (["generate"], 2, "Name a benchmark, or give a spec"),
    (["generate", "mnist-color", "--spec", "x.yaml"], 2, "Name a benchmark, or give a spec"),
    (["generate", "--spec", "x.yaml"], 2, "Cannot read the spec 'x.yaml'"),
    (["generate", "mnist-color", "--source", "mnst"], 2, "Did you mean 'mnist'?"),
    (["generate", "mnist-color-5k", "--seed", "-1"], 2, "--seed"),
    (["generate", "mnist-color-5k", "--seed", "one"], 2, "--seed"),
    (["generate", "mnist-color-5k", "--format", "hdf5"], 2, "'hdf5' is not one of"),
    (["generate", "mnist-color-5k", "--multiply", "0"], 2, "--multiply"),
    (["generate", "mnist-color-5k", "--out", "/dev/null/x"], 1, "Cannot write '/dev/null/x'"),
    (["generate", "mnist-color-5k", "--out", "/dev/null"], 2, "is not a folder"),
    (["preview", "nothing"], 2, "No benchmark is called 'nothing'"),
    (["preview", "."], 2, "not a data set of dgbench"),
    (["preview", "mnist-color-5k", "-o", "no/where.png"], 1, "Cannot write 'no/where.png'"),
    (["verify-data", "."], 1, "not a data set of dgbench"),
    (["benchmarks", "--family", "colour"], 2, "No family is called 'colour'. Known: color-av"),
    (["benchmarks", "show", "mnist-color@9"], 2, "Did you mean 'mnist-color'?"),
]


@pytest.mark.parametrize(("arguments", "code", "message"), BAD, ids=lambda v: str(v)[:40])
def test_a_mistake_is_one_clear_line(tmp_path, arguments, code, message):
    assert_refused(dgbench(*arguments, folder=tmp_path), code, message)
    assert list(tmp_path.iterdir()) == []


def test_an_unavailable_source_is_answered_with_three_ways_out(tmp_path):
    """With every proxy a closed port, no download can work, wherever this runs."""
    nowhere = dict.fromkeys(
        ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"), "http://127.0.0.1:9"
    )
    cache = {"XDG_CACHE_HOME": str(tmp_path / "cache")}
    done = dgbench("generate", "mnist-color", "--out", "x", folder=tmp_path, **nowhere, **cache)
    assert_refused(done, 1, "Three ways out")
    assert not (tmp_path / "x").exists()


def test_a_spec_with_a_mistake_is_named_by_file_and_key(tmp_path):
    raw = document()
    raw["patterns"][1]["rho"] = 0.01
    (tmp_path / "mine.yaml").write_text(yaml.safe_dump(raw), encoding="utf-8")
    done = dgbench("generate", "--spec", "mine.yaml", folder=tmp_path)
    assert_refused(done, 2, "mine.yaml: pattern 'color': rho is 0.01")


def test_debug_shows_where_an_error_came_from(tmp_path):
    done = dgbench("--debug", "generate", "mnist-colour", folder=tmp_path)
    assert done.returncode == 2
    assert "Traceback" in done.stderr


def plug_in(folder, target):
    """A package that registers one pattern kind, installed as an installer would leave it."""
    metadata = folder / "broken_plug_in-1.0.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text(
        "Metadata-Version: 2.1\nName: broken-plug-in\nVersion: 1.0\n"
    )
    (metadata / "entry_points.txt").write_text(f"[dgbench.patterns]\nbroken = {target}\n")
    raw = document()
    raw["patterns"][1] = {"name": "color", "kind": "broken", "rho": 1.0}
    (folder / "mine.yaml").write_text(yaml.safe_dump(raw), encoding="utf-8")


@pytest.mark.parametrize("target", ["no_such_module:Pattern", "json:dumps"])
def test_a_broken_plug_in_is_named_and_breaks_nothing_else(tmp_path, target):
    plug_in(tmp_path, target)
    path = {"PYTHONPATH": f"{tmp_path}{os.pathsep}{Path.cwd()}"}
    done = dgbench("preview", "mine.yaml", folder=tmp_path, **path)
    assert_refused(done, 1, "broken-plug-in registers the pattern kind 'broken'")
    assert dgbench("preview", "mnist-color-5k", folder=tmp_path, **path).returncode == 0


def test_an_unexpected_error_is_one_line_and_a_file(tmp_path):
    (tmp_path / "boom.py").write_text(
        "from data_gen.pattern import Pattern\n"
        "class Boom(Pattern):\n"
        "    def draw(self, scene, values, stream): return 1 / 0\n"
        "    def draw_missing(self, scene, rendering, stream): return scene\n"
    )
    plug_in(tmp_path, "boom:Boom")
    path = {"PYTHONPATH": f"{tmp_path}{os.pathsep}{Path.cwd()}", "TMPDIR": str(tmp_path)}
    done = dgbench("preview", "mine.yaml", folder=tmp_path, **path)
    assert_refused(done, 1, "ZeroDivisionError")
    (details,) = tmp_path.glob("dgbench-*.txt")
    assert str(details) in done.stderr
    assert "boom.py" in details.read_text()


def test_a_reader_that_leaves_early_is_not_an_error(tmp_path):
    line = f"{sys.executable} -m dgbench benchmarks --json | head -1"
    done = subprocess.run(
        ["sh", "-c", line],
        cwd=tmp_path,
        env=ENVIRONMENT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stderr == ""
