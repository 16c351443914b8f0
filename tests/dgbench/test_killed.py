"""A run that is killed at any moment, again and again, ends as if nothing had happened."""

import json
import random
import signal
import subprocess
import sys
import time

import pytest

from dgbench.results.folder import LOG, PREDICTIONS, find_runs, is_at_work, read_record
from tests.cli.terminal import ENVIRONMENT, dgbench

N_KILLS = 20
STEPS = 1200
COMMAND = (
    "train",
    "erm",
    "mnist-color-5k",
    "--steps",
    STEPS,
    "--batch-size",
    32,
    "--checkpoint-every",
    20,
    "--threads",
    1,
    "--quiet",
)


@pytest.mark.slow
def test_a_run_killed_at_twenty_moments_ends_like_an_undisturbed_one(tmp_path):
    done = dgbench(*COMMAND, "--out", "calm", folder=tmp_path)
    assert done.returncode == 0, done.stderr
    calm = next(find_runs(tmp_path / "calm"))
    moments = random.Random(20261123)
    kills, finished, round_ = 0, [], 0
    while kills < N_KILLS:
        out = tmp_path / f"killed-{round_}"
        while kills < N_KILLS and _killed(out, moments.uniform(0, 2.5)):
            kills += 1
            _assert_visible_and_readable(out)
        finished.append(out)
        round_ += 1
    last = dgbench(*COMMAND, "--resume", "--out", finished[-1], folder=tmp_path)
    assert last.returncode == 0, last.stderr
    for out in finished:
        run = next(find_runs(out))
        _assert_same(run, calm)
    assert sum(read_record(next(find_runs(out))).resumed for out in finished) >= N_KILLS - 1


def _killed(out, seconds):
    """Whether the run could be killed so long after it had begun to work, before it was done."""
    arguments = [sys.executable, "-m", "dgbench", *map(str, COMMAND), "--resume", "--out", str(out)]
    with subprocess.Popen(arguments, env=ENVIRONMENT, cwd=out.parent) as process:
        while process.poll() is None and not _works(out, process.pid):
            time.sleep(0.02)
        try:
            process.wait(seconds)
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)
    # It may have been done already, and about to end.
    is_done = any(read_record(run).status == "done" for run in find_runs(out))
    return process.returncode == -signal.SIGKILL and not is_done


def _works(out, pid):
    return any(read_record(run).process.pid == pid for run in find_runs(out))


def _assert_visible_and_readable(out):
    import pyarrow.parquet as pq

    run = next(find_runs(out))
    record = read_record(run)
    assert record.status == "running"
    assert not is_at_work(record, run)
    assert not record.domains
    if (run / PREDICTIONS).exists():
        pq.read_table(run / PREDICTIONS)
    if (run / LOG).exists():
        lines = (run / LOG).read_text().splitlines()
        assert all(line.count(",") == 3 for line in lines)


def _assert_same(run, calm):
    resumed, expected = read_record(run), read_record(calm)
    assert resumed.status == "done"
    assert resumed.predictions_digest == expected.predictions_digest
    for part in ("domains", "validation", "probes", "train", "steps_done"):
        assert getattr(resumed, part) == getattr(expected, part)
    assert _terms(run) == _terms(calm)
    assert json.loads((run / "run.json").read_text())["resumed"] > 0


def _terms(run):
    """The log without the times."""
    rows = [line.split(",") for line in (run / LOG).read_text().splitlines()]
    return [(step, name, value) for step, _, name, value in rows]
