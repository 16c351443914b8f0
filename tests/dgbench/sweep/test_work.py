"""Parts that the engines share: cached data, folders that travel, a machine that is divided."""

import numpy as np
import pytest

from data_gen.foundation.files import write_whole
from dgbench.benchmarks import Benchmark
from dgbench.results.folder import RECORD
from dgbench.sweep import machine
from dgbench.sweep.cached_benchmark import CachedBenchmark
from dgbench.sweep.local import LocalEngine
from dgbench.sweep.on_ray import pack, unpack


class Counted(Benchmark):
    """Notes what is loaded."""

    def __init__(self, inner):
        self._inner, self.loaded = inner, []
        self.spec, self.official, self.sources = inner.spec, inner.official, inner.sources
        self.seed, self.multiply = inner.seed, inner.multiply

    def chunks(self, name):
        self.loaded.append(name)
        return self._inner.chunks(name)

    def size(self, name):
        return self._inner.size(name)


def test_a_split_is_loaded_once_and_is_the_same(benchmark):
    counted = Counted(benchmark)
    kept = CachedBenchmark(counted)
    first, again = kept.load("id"), kept.load("id")
    assert counted.loaded == ["id"]
    assert again is first
    assert np.array_equal(first.images, benchmark.load("id").images)
    assert first.record == benchmark.load("id").record
    room = np.empty_like(first.images)
    assert kept.load("id", into=room).images is room
    assert np.array_equal(room, first.images)


def test_splits_too_large_for_memory_are_loaded_again(benchmark, monkeypatch):
    monkeypatch.setattr("dgbench.sweep.cached_benchmark._SHARE", 0.0)
    counted = Counted(benchmark)
    kept = CachedBenchmark(counted)
    kept.load("id")
    kept.load("id")
    assert counted.loaded == ["id", "id"]


def test_a_run_folder_travels_whole_and_replaces_the_old_one(tmp_path):
    sent, received = tmp_path / "sent", tmp_path / "received"
    write_whole(sent / RECORD, b"{}")
    write_whole(sent / "checkpoints" / "final.pt", b"weights")
    write_whole(sent / ".log.csv.partial", b"half")
    write_whole(received / RECORD, b"old")
    write_whole(received / "old.csv", b"old")
    files = pack(sent)
    assert files == {RECORD: b"{}", "checkpoints/final.pt": b"weights"}
    unpack(files, received)
    assert pack(received) == files
    assert not (received / "old.csv").exists()
    unpack(pack(tmp_path / "nothing"), received)
    assert pack(received) == files


@pytest.mark.parametrize(
    ("gpus", "given", "expected"),
    [
        ((), {}, (6, 1)),
        ((), {"threads": 4}, (2, 4)),
        ((), {"workers": 3}, (3, 1)),
        ((), {"accelerator": "mps"}, (1, 1)),
        (("0", "1"), {}, (2, 4)),
        (("0", "1"), {"runs_per_gpu": 3}, (6, 1)),
        (("0", "1"), {"accelerator": "cpu"}, (6, 1)),
    ],
)
def test_a_machine_is_divided_among_workers(monkeypatch, gpus, given, expected):
    """Eight cores, and memory for six runs."""
    free = type("Memory", (), {"available": 6.5 * machine._RUN_BYTES})
    monkeypatch.setattr(machine, "visible_gpus", lambda: gpus)
    monkeypatch.setattr(machine, "available_cores", lambda: 8)
    monkeypatch.setattr(machine.psutil, "virtual_memory", lambda: free)
    asked = {"accelerator": "auto", "workers": None, "threads": None, "runs_per_gpu": 1, **given}
    share = machine.share(**asked)
    assert (share.workers, share.threads) == expected
    assert share.gpus == (gpus if asked["accelerator"] == "auto" else ())


def test_workers_take_the_gpus_in_turn_and_pin_their_threads(tmp_path):
    engine = LocalEngine(out=tmp_path, workers=3, threads=2, gpus=("4", "7"))
    assert [env["CUDA_VISIBLE_DEVICES"] for env in engine._environments] == ["4", "7", "4"]
    assert {env["OMP_NUM_THREADS"] for env in engine._environments} == {"2"}
    assert (
        "CUDA_VISIBLE_DEVICES"
        not in LocalEngine(out=tmp_path, workers=1, threads=1)._environments[0]
    )
