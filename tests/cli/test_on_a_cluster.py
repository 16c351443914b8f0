"""The scripts of the page for clusters, run with stand-ins for the commands of Slurm."""

import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from dgbench.results.folder import find_runs, read_record
from tests.cli.terminal import ENVIRONMENT
from tests.dgbench.clusters import SLURM, path_with, stand_ins

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="shell scripts")

PAGE = Path(__file__).parents[2] / "docs" / "on-a-cluster.md"
SHORT = "--steps 400 --batch-size 32 --accelerator cpu --checkpoint-every 1000"


@pytest.fixture
def job(tmp_path):
    """Starts a script of the page as a job, whose home is a folder of the test."""
    commands = tmp_path / "commands"
    commands.mkdir()
    calls = stand_ins(commands)
    (commands / "dgbench").write_text(f'#!/bin/sh\nexec {sys.executable} -m dgbench "$@"\n')
    (commands / "dgbench").chmod(0o755)
    (tmp_path / "dgbench" / "bin").mkdir(parents=True)
    (tmp_path / "dgbench" / "bin" / "activate").touch()

    def start(name, **variables):
        (text,) = re.findall(rf"```bash\n(#!/bin/bash\n# {name}\n.*?)```", PAGE.read_text(), re.S)
        shorter = text.replace("mnist-color ", f"mnist-color-5k {SHORT} ").replace("/8", "/2")
        shorter = shorter.replace("--seeds 0-4", "--seeds 0-1").replace("erm,prcl", "erm")
        script = tmp_path / name
        script.write_text(shorter.replace("sweep --", "sweep --no-probes --no-development --"))
        environment = {"HOME": str(tmp_path), "PATH": path_with(commands), **SLURM, **variables}
        return subprocess.Popen(
            ["bash", script],
            cwd=tmp_path,
            env=ENVIRONMENT | environment,
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )

    return start, calls


@pytest.mark.slow
def test_the_jobs_of_an_array_share_a_sweep(job, tmp_path):
    start, _ = job
    jobs = [start("array.sbatch", SLURM_ARRAY_TASK_ID=number) for number in ("1", "2")]
    for process in jobs:
        output, errors = process.communicate(timeout=300)
        assert process.returncode == 0, errors
        assert "1 runs: 1 done." in output
    assert [read_record(run).status for run in find_runs(tmp_path / "sweep")] == ["done"] * 2


@pytest.mark.slow
def test_a_preempted_job_is_queued_again_and_goes_on(job, tmp_path):
    start, calls = job
    process = start("preemptible.sbatch")
    deadline = time.monotonic() + 120
    while not any((run / "log.csv").exists() for run in find_runs(tmp_path / "runs")):
        assert process.poll() is None, process.stderr.read()
        assert time.monotonic() < deadline
        time.sleep(0.02)
    os.kill(process.pid, signal.SIGUSR1)
    _, errors = process.communicate(timeout=120)
    assert process.returncode == 75, errors
    assert "scontrol requeue 4711\n" in calls.read_text()
    (stopped,) = [read_record(run) for run in find_runs(tmp_path / "runs")]
    assert stopped.status == "interrupted"
    again = start("preemptible.sbatch")
    _, errors = again.communicate(timeout=300)
    assert again.returncode == 0, errors
    records = [read_record(run) for run in find_runs(tmp_path / "runs")]
    assert [(record.status, record.resumed) for record in records] == [("done", 1), ("done", 0)]
