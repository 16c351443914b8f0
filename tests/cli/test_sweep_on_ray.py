"""A real Ray on this machine: the same numbers, and a killed worker costs no run."""

import os
import signal
import subprocess
import sys
import tempfile
import time

import psutil
import pytest

from dgbench.results.folder import find_runs, read_record
from tests.cli.test_commands import ENVIRONMENT, assert_refused, dgbench

pytest.importorskip("ray")

SWEEP = ("sweep", "--methods", "erm,mixup", "--benchmarks", "mnist-color-5k", "--trials", 2,
         "--seeds", "0", "--batch-size", 32, "--no-probes", "--accelerator", "cpu",
         "--threads", 1, "--workers", 2)  # fmt: skip


def test_no_cluster_is_one_clear_line(tmp_path):
    done = dgbench(*SWEEP, "--engine", "ray", "--address", "127.0.0.1:1", folder=tmp_path)
    assert_refused(done, 1, "No Ray answers at '127.0.0.1:1'")


@pytest.mark.slow
def test_ray_gives_the_same_numbers_though_a_worker_is_killed(tmp_path):
    local = dgbench(*SWEEP, "--steps", 200, "--out", "local", folder=tmp_path)
    assert local.returncode == 0, local.stderr
    arguments = [*SWEEP, "--steps", 200, "--out", "ray", "--engine", "ray"]
    # Short: the sockets of Ray lie in it, and their paths may have a hundred characters.
    with tempfile.TemporaryDirectory(prefix="ray", dir="/tmp") as place:
        process = subprocess.Popen(
            [sys.executable, "-m", "dgbench", *map(str, arguments)],
            cwd=tmp_path, env={**ENVIRONMENT, "RAY_TMPDIR": place},
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
        os.kill(_worker_of(process), signal.SIGKILL)
        output, errors = process.communicate(timeout=600)
    assert process.returncode == 0, errors
    assert "4 runs: 4 done." in output
    assert _numbers(tmp_path / "ray") == _numbers(tmp_path / "local")
    assert len(_numbers(tmp_path / "ray")) == 4


def _worker_of(process):
    """The number of a process of Ray that is in the middle of a run."""
    deadline = time.monotonic() + 300
    while time.monotonic() < deadline:
        assert process.poll() is None, process.stderr.read()
        for child in psutil.Process(process.pid).children(recursive=True):
            try:
                if "ray::work_away" in " ".join(child.cmdline()):
                    return child.pid
            except psutil.NoSuchProcess:
                continue
        time.sleep(0.05)
    raise AssertionError("no worker of Ray appeared")


def _numbers(out):
    """What a run found, without its time and place."""
    found = {}
    for run in find_runs(out):
        record = read_record(run)
        assert record.status == "done"
        assert (run / "checkpoints" / "final.pt").is_file()
        found[run.relative_to(out)] = (
            record.trial, record.predictions_digest, record.domains, record.development,
            record.validation,
        )  # fmt: skip
    return found
