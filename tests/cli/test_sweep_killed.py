"""A sweep that is killed, loses its worker and hears Ctrl-C ends like an undisturbed one."""

import os
import signal
import subprocess
import sys
import time

import psutil
import pytest

from dgbench.results.folder import find_runs, is_at_work, read_record
from tests.cli.terminal import ENVIRONMENT, dgbench

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")

SWEEP = ("sweep", "--methods", "erm", "--benchmarks", "mnist-color-5k", "--seeds", "0-3",
         "--steps", 300, "--batch-size", 32, "--checkpoint-every", 50, "--no-probes",
         "--accelerator", "cpu", "--workers", 2)  # fmt: skip


@pytest.mark.slow
def test_kills_a_lost_worker_and_ctrl_c_lose_and_repeat_nothing(tmp_path):
    calm = dgbench(*SWEEP, "--workers", 1, "--out", "calm", folder=tmp_path)
    assert calm.returncode == 0, calm.stderr
    out = tmp_path / "sweep"

    process = _started(tmp_path)
    workers = _workers_at_work(process, out)
    process.kill()
    process.communicate()
    _wait_until(lambda: not any(map(psutil.pid_exists, workers)))
    assert any(read_record(run).status == "running" for run in find_runs(out))
    assert not any(is_at_work(read_record(run), run) for run in find_runs(out))

    process = _started(tmp_path)
    _workers_at_work(process, out)
    os.killpg(process.pid, signal.SIGINT)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 1
    assert errors.endswith("Error: Interrupted. Nothing was left half-written.\n")
    assert "Traceback" not in errors + (out / "sweep.log").read_text()
    assert "interrupted" in {read_record(run).status for run in find_runs(out)}

    process = _started(tmp_path)
    os.kill(min(_workers_at_work(process, out)), signal.SIGKILL)
    output, errors = process.communicate(timeout=300)
    assert process.returncode == 0, errors
    assert "4 runs: 4 done." in output
    assert _numbers(out) == _numbers(tmp_path / "calm")
    assert any(read_record(run).resumed for run in find_runs(out))


def _started(folder):
    def heed_ctrl_c():
        signal.signal(signal.SIGINT, signal.SIG_DFL)

    return subprocess.Popen(
        [sys.executable, "-m", "dgbench", *map(str, SWEEP)],
        cwd=folder,
        env=ENVIRONMENT,
        text=True,
        start_new_session=True,
        preexec_fn=heed_ctrl_c,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


def _workers_at_work(process, out):
    """The numbers of the workers of a sweep that are in the middle of a run with a checkpoint."""
    workers = set()

    def look():
        assert process.poll() is None, process.stderr.read()
        children = {child.pid for child in psutil.Process(process.pid).children()}
        for run in find_runs(out):
            record = read_record(run)
            if record.status == "running" and record.process.pid in children:
                workers.add(record.process.pid)
        return workers

    _wait_until(look)
    time.sleep(0.5)
    return workers


def _wait_until(what):
    deadline = time.monotonic() + 120
    while not what():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def _numbers(out):
    return {
        run.relative_to(out): (
            read_record(run).status,
            read_record(run).predictions_digest,
            read_record(run).domains,
        )
        for run in find_runs(out)
    }


@pytest.mark.slow
def test_a_run_whose_process_always_dies_is_given_up_and_the_others_go_on(tmp_path):
    (tmp_path / "deadly.py").write_text(
        "import os, signal\nimport torch.nn.functional as F\nfrom dgbench.api import *\n"
        "class Deadly(LossMethod):\n    '''Takes all memory, so to speak, under one seed.'''\n"
        "    def loss(self, batch):\n"
        "        if batch.seed == 0: os.kill(os.getpid(), signal.SIGKILL)\n"
        "        return {'ce': F.cross_entropy(self(batch.images), batch.labels)}\n"
    )
    done = dgbench(
        "sweep",
        "--methods",
        "deadly.py:Deadly",
        "--benchmarks",
        "mnist-color-5k",
        "--seeds",
        "0-1",
        "--steps",
        8,
        "--batch-size",
        32,
        "--no-probes",
        "--accelerator",
        "cpu",
        "--workers",
        1,
        folder=tmp_path,
    )
    assert done.returncode == 1
    assert "seed 0: failed. Its process was ended from outside 3 times (code -9)" in done.stderr
    assert "2 runs: 1 done, 1 stopped." in done.stdout
