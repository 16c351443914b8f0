"""A real Ray on this machine gives the same numbers, and a killed worker or node loses no run."""

import os
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager

import psutil
import pytest

from dgbench.results.folder import find_runs, read_record
from tests.cli.terminal import ENVIRONMENT, assert_refused, dgbench

pytest.importorskip("ray")

SWEEP = ("sweep", "--methods", "erm,mixup", "--benchmarks", "mnist-color-5k", "--trials", 2,
         "--seeds", "0", "--batch-size", 32, "--no-probes", "--accelerator", "cpu",
         "--threads", 1, "--workers", 2)  # fmt: skip


def test_a_missing_cluster_is_one_clear_line(tmp_path):
    done = dgbench(*SWEEP, "--engine", "ray", "--address", "127.0.0.1:1", folder=tmp_path)
    assert_refused(done, 1, "No Ray answers at '127.0.0.1:1'")


@pytest.fixture(scope="module")
def local(tmp_path_factory):
    """The numbers of the sweep without Ray, and what it prints."""
    folder = tmp_path_factory.mktemp("local")
    done = dgbench(*SWEEP, "--steps", 200, "--out", "local", folder=folder)
    assert done.returncode == 0, done.stderr
    return _numbers(folder / "local"), done.stdout


@pytest.mark.slow
def test_ray_gives_the_same_numbers_even_if_a_worker_is_killed(tmp_path, local):
    numbers, _ = local
    # Short: the sockets of Ray lie in it, and their paths may have a hundred characters.
    with (
        tempfile.TemporaryDirectory(prefix="ray", dir="/tmp") as place,
        started(tmp_path, RAY_TMPDIR=place) as process,
    ):
        os.kill(_worker_of(process), signal.SIGKILL)
        output, errors = process.communicate(timeout=600)
    assert process.returncode == 0, errors
    assert "4 runs: 4 done." in output
    assert _numbers(tmp_path / "ray") == numbers
    assert len(numbers) == 4


@pytest.mark.slow
def test_a_node_that_is_lost_in_the_middle_costs_no_run(tmp_path, two_nodes, local):
    """One of two nodes goes, its process manager and its store of objects with it."""
    cluster, node = two_nodes
    numbers, said = local
    with started(tmp_path, "--address", cluster.address) as process:
        (raylet,) = node.all_processes["raylet"]
        worker = psutil.Process(_worker_of(process, below=raylet.process.pid))
        cluster.remove_node(node, allow_graceful=False)
        assert len(list(find_runs(tmp_path / "ray"))) < 4
        output, errors = process.communicate(timeout=600)
    assert process.returncode == 0, errors
    assert "4 runs: 4 done." in output
    # Ray's own messages about the node stay out of the output that a script may read.
    assert output == said.replace("report local", "report ray")
    assert not worker.is_running()
    processes = {read_record(run).process.pid for run in find_runs(tmp_path / "ray")}
    assert worker.pid not in processes, "its run was not in the middle"
    assert _numbers(tmp_path / "ray") == numbers
    assert len(numbers) == 4


@contextmanager
def started(folder, *arguments, **variables):
    """The sweep on Ray as a process, which is ended at the latest where the block is."""
    command = [*SWEEP, "--steps", 200, "--out", "ray", "--engine", "ray", *arguments]
    process = subprocess.Popen(
        [sys.executable, "-m", "dgbench", *map(str, command)],
        cwd=folder,
        env={**ENVIRONMENT, **variables},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


@pytest.fixture
def two_nodes(monkeypatch):
    """A cluster with two nodes of one processor each, and the node that is not its head."""
    from ray.cluster_utils import Cluster

    settings = {"num_cpus": 1, "include_dashboard": False, "object_store_memory": 128 << 20}
    monkeypatch.setenv("RAY_USAGE_STATS_ENABLED", "0")
    with tempfile.TemporaryDirectory(prefix="ray", dir="/tmp") as place:
        monkeypatch.setenv("RAY_TMPDIR", place)
        cluster = Cluster(initialize_head=True, head_node_args=settings)
        try:
            yield cluster, cluster.add_node(**settings)
        finally:
            cluster.shutdown()


def _worker_of(process, *, below=None):
    """The number of a process of Ray that is in the middle of a run."""
    deadline = time.monotonic() + 300
    while time.monotonic() < deadline:
        assert process.poll() is None, process.stderr.read()
        for child in psutil.Process(below or process.pid).children(recursive=True):
            try:
                if "ray::work_away" in " ".join(child.cmdline()):
                    return child.pid
            except psutil.NoSuchProcess:
                continue
        time.sleep(0.05)
    raise AssertionError("no worker of Ray appeared")


def _numbers(out):
    """The outcome of a run, without its time and place."""
    outcomes = {}
    for run in find_runs(out):
        record = read_record(run)
        assert record.status == "done"
        assert (run / "checkpoints" / "final.pt").is_file()
        outcomes[run.relative_to(out)] = (
            record.trial,
            record.predictions_digest,
            record.domains,
            record.development,
            record.validation,
        )
    return outcomes
