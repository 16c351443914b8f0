"""A data set is made whole or not at all, and nothing of anybody's is lost."""

import os
import signal
import subprocess
import sys
import time

import pytest

from data_gen.build import build
from data_gen.foundation.errors import UsageError
from data_gen.generator import Generator
from data_gen.manifest import read_manifest


def snapshot(folder):
    return {
        path.relative_to(folder): (path.read_bytes(), path.stat().st_mtime_ns)
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def command(folder, *more):
    return [sys.executable, "-m", "dgbench", "generate", "mnist-color-5k", "--out", folder, *more]


def leftovers(folder):
    return [path.name for path in folder.parent.iterdir() if path != folder]


def test_the_same_request_again_changes_nothing(generator, tmp_path):
    first = build(generator, tmp_path / "data")
    before = snapshot(first.folder)
    again = build(generator, tmp_path / "data")
    assert (first.is_new, again.is_new) == (True, False)
    assert snapshot(first.folder) == before
    assert again.manifest == first.manifest


def test_another_request_is_refused_unless_forced(generator, tmp_path):
    build(generator, tmp_path / "data")
    before = snapshot(tmp_path / "data")
    other = Generator(generator.spec, generator.sources, seed=5)
    with pytest.raises(UsageError, match=r"already holds mnist-color-5k@1 \(seed 0, parquet\)"):
        build(other, tmp_path / "data")
    assert snapshot(tmp_path / "data") == before
    assert build(other, tmp_path / "data", force=True).manifest.seed == 5
    assert leftovers(tmp_path / "data") == []


@pytest.mark.parametrize("force", [False, True])
def test_a_folder_that_dgbench_did_not_make_is_refused(generator, tmp_path, force):
    (tmp_path / "thesis.tex").write_text("years of work")
    with pytest.raises(UsageError, match="holds something that dgbench did not make"):
        build(generator, tmp_path, force=force)
    assert snapshot(tmp_path).keys() == {(tmp_path / "thesis.tex").relative_to(tmp_path)}


@pytest.mark.parametrize("force", [False, True])
@pytest.mark.parametrize("place", ["notes.txt", "data/notes.txt"])
def test_a_file_that_was_added_later_is_never_lost(generator, tmp_path, force, place):
    built = build(generator, tmp_path / "data")
    (built.folder / place).write_text("keep me")
    before = snapshot(built.folder)
    with pytest.raises(UsageError, match=r"notes\.txt' is not part of the data set"):
        build(generator, built.folder, force=force)
    assert snapshot(built.folder) == before


def test_a_file_in_the_way_is_refused(generator, tmp_path):
    (tmp_path / "data").write_text("a file")
    with pytest.raises(UsageError, match="is not a folder"):
        build(generator, tmp_path / "data", force=True)


def test_an_incomplete_data_set_is_not_mistaken_for_a_complete_one(generator, tmp_path):
    built = build(generator, tmp_path / "data")
    (built.folder / "data" / "id.parquet").unlink()
    with pytest.raises(UsageError, match=r"id\.parquet' is gone"):
        build(generator, built.folder)
    assert build(generator, built.folder, force=True).is_new


def test_an_empty_folder_may_be_filled(generator, tmp_path):
    (tmp_path / "data").mkdir()
    assert build(generator, tmp_path / "data").is_new


def test_a_full_disk_leaves_the_old_data_set(generator, tmp_path):
    """A limit on the size of files stands for the disk: writing fails in the middle."""
    built = build(generator, tmp_path / "data")
    before = snapshot(built.folder)
    limited = (
        "import resource, sys\nresource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000))\n"
        "from dgbench.cli.main import run\nsys.exit(run(sys.argv[1:]))\n"
    )
    arguments = command(str(built.folder), "--seed", "9", "--force")[3:]
    done = subprocess.run(
        [sys.executable, "-c", limited, *arguments], capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert "File too large" in done.stderr
    assert "Nothing was changed there" in done.stderr
    assert snapshot(built.folder) == before
    assert leftovers(built.folder) == []


def heed_ctrl_c():
    """A shell that starts the tests in the background lets its children ignore Ctrl-C."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def started(folder, *more):
    """A generation that takes some seconds in several processes, once it is under way."""
    process = subprocess.Popen(
        command(str(folder), "--multiply", "40", "--jobs", "2", *more),
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        preexec_fn=heed_ctrl_c,
    )
    deadline = time.monotonic() + 60
    while not list(folder.parent.glob(f".{folder.name}.partial-*/data/train.parquet")):
        assert process.poll() is None, process.stderr.read()
        assert time.monotonic() < deadline
        time.sleep(0.02)
    return process


def test_ctrl_c_is_clean(tmp_path):
    folder = tmp_path / "data"
    process = started(folder)
    os.killpg(process.pid, signal.SIGINT)
    _, errors = process.communicate(timeout=30)
    assert process.returncode == 1
    assert errors == "Error: Interrupted. Nothing was left half-written.\n"
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
@pytest.mark.parametrize("seconds", [0.2, 0.5, 0.8, 1.0, 1.2, 1.5, 1.8, 2.2])
def test_ctrl_c_is_clean_at_any_moment(tmp_path, seconds):
    arguments = command(str(tmp_path / "data"), "--multiply", "40", "--jobs", "2")
    process = subprocess.Popen(
        arguments,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        preexec_fn=heed_ctrl_c,
    )
    time.sleep(seconds)
    os.killpg(process.pid, signal.SIGINT)
    _, errors = process.communicate(timeout=30)
    assert (process.returncode, errors) == (
        1,
        "Error: Interrupted. Nothing was left half-written.\n",
    )
    assert list(tmp_path.iterdir()) == []


def test_a_killed_run_leaves_no_partial_data_set_and_the_next_run_tidies_up(tmp_path):
    folder = tmp_path / "data"
    process = started(folder)
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate(timeout=30)
    assert not folder.exists()
    assert len(leftovers(folder)) == 1
    subprocess.run(command(str(folder), "--quiet"), check=True)
    assert leftovers(folder) == []
    assert read_manifest(folder).official


@pytest.mark.slow
def test_the_number_of_processes_changes_nothing(generator, tmp_path):
    many = Generator(generator.spec, generator.sources, multiply=8)
    manifests = [build(many, tmp_path / str(jobs), jobs=jobs).manifest for jobs in (1, 2, 3)]
    assert manifests[0] == manifests[1] == manifests[2]
    assert not manifests[0].official
