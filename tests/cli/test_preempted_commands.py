"""Commands that a cluster asks to end say so by their exit code, and go on when called again."""

import os
import signal
import subprocess
import sys
import time

import pytest

from dgbench.results.folder import CHECKPOINT, find_runs, read_record
from tests.cli.terminal import ENVIRONMENT, dgbench
from tests.dgbench.clusters import SLURM

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")

SHORT = ("--steps", 400, "--batch-size", 32, "--accelerator", "cpu", "--checkpoint-every", 1000)
TRAIN = ("train", "erm", "mnist-color-5k", *SHORT, "--threads", 1, "--quiet")
SWEEP = ("sweep", "--methods", "erm", "--benchmarks", "mnist-color-5k", *SHORT, "--workers", 1,
         "--no-probes", "--no-development")  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize(
    ("command", "out", "number"),
    [(TRAIN, "runs", signal.SIGUSR1), (SWEEP, "sweep", signal.SIGTERM)],
    ids=["train", "sweep"],
)
def test_a_preempted_command_ends_with_75_and_goes_on(tmp_path, command, out, number):
    process = subprocess.Popen(
        [sys.executable, "-m", "dgbench", *map(str, command)],
        cwd=tmp_path,
        env=ENVIRONMENT | SLURM,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    _wait_for(lambda: any((run / "log.csv").exists() for run in find_runs(tmp_path / out)), process)
    os.kill(process.pid, number)
    _, errors = process.communicate(timeout=60)
    run = next(find_runs(tmp_path / out))
    assert process.returncode == 75, errors
    assert f"Error: Stopped by {number.name}" in errors
    assert "Traceback" not in errors
    assert read_record(run).status == "interrupted"
    assert (run / CHECKPOINT).is_file()
    done = dgbench(*command, "--resume", folder=tmp_path)
    assert done.returncode == 0, done.stderr
    assert (read_record(run).status, read_record(run).resumed) == ("done", 1)


def _wait_for(condition, process):
    deadline = time.monotonic() + 120
    while not condition():
        assert process.poll() is None, process.stderr.read()
        assert time.monotonic() < deadline
        time.sleep(0.02)
