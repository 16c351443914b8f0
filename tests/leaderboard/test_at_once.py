"""Many processes at once, and processes that are killed: nothing is lost, doubled or half there."""

import subprocess
import sys
from pathlib import Path

import pytest

from leaderboard.records import OPERATOR, Query
from leaderboard.service import Service
from leaderboard.store.database import Store
from tests.leaderboard.at_work import AT_THE_END
from tests.leaderboard.synthetic import bundle, score

ROOT = Path(__file__).parents[2]
N_PROCESSES = 8
PLACES = 20


def start(url, blobs, kill_at, files):
    return subprocess.Popen(
        [sys.executable, "-m", "tests.leaderboard.at_work", url, blobs, str(kill_at), *files],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def written(folder, bundles):
    folder.mkdir(exist_ok=True)
    paths = [folder / f"{n}.dgsub" for n in range(len(bundles))]
    for path, data in zip(paths, bundles, strict=True):
        path.write_bytes(data)
    return paths


@pytest.mark.slow
def test_eight_processes_lose_and_duplicate_nothing(kind, new_url, tmp_path):
    url, blobs = new_url(kind), tmp_path / "blobs"
    # Each has five of its own, and five that all of them send.
    shared = [bundle(f"shared-{n}", level=0.5) for n in range(5)]
    processes = []
    for number in range(N_PROCESSES):
        own = [bundle(f"own-{number}-{n}", level=0.3 + 0.05 * n) for n in range(5)]
        mixed = [data for pair in zip(own, shared, strict=True) for data in pair]
        files = written(tmp_path / f"process-{number}", mixed)
        processes.append(start(url, blobs, 0, files))
    answers = [process.communicate(timeout=300) for process in processes]
    assert [process.returncode for process in processes] == [0] * N_PROCESSES, answers
    lines = [
        line.split() for out, _ in answers for line in out.splitlines() if "places" not in line
    ]
    expected = 5 * N_PROCESSES + 5
    assert len(lines) == 2 * 5 * N_PROCESSES
    assert len({identifier for identifier, _ in lines}) == expected
    assert sum(is_new == "1" for _, is_new in lines) == expected
    service = Service(Store.open(url, blobs=blobs), score=score)
    assert service.status().n_submissions == expected
    assert len(service.rows(Query(benchmark="mnist-color@1"))) == expected
    assert service.revision() == expected
    report = service.audit()
    assert report.problems == ()
    assert report.rescored == expected
    service.close()


@pytest.mark.slow
def test_a_process_killed_anywhere_leaves_a_store_without_fault(kind, new_url, tmp_path):
    url, blobs = new_url(kind), tmp_path / "blobs"
    first = written(tmp_path / "first", [bundle("first", level=0.4)])
    second = written(tmp_path / "second", [bundle("second", level=0.5)])
    # The first submission of a store passes places of its own, so the second is counted.
    for files in (first, second):
        counting = start(url, blobs, 10**9, files)
        out, told = counting.communicate(timeout=120)
        assert counting.returncode == 0, told
    n_places = int(out.split()[-1])
    assert n_places >= PLACES
    service = Service(Store.open(url, blobs=blobs), score=score)
    n_there = set()
    # Later submissions pass more places than the first, so the last of all is named.
    places = [1 + k * (n_places - 1) // (PLACES - 2) for k in range(PLACES - 1)]
    for number, place in enumerate([*places, AT_THE_END]):
        files = written(tmp_path / f"at-{place}", [bundle(f"killed-{number}", level=0.6)])
        killed = start(url, blobs, place, files)
        out, _ = killed.communicate(timeout=120)
        assert killed.returncode == -9, f"place {place} of {n_places} was not reached"
        report = service.fsck(sample=3)
        assert report.problems == (), f"killed at place {place} of {n_places}"
        before = service.status().n_submissions
        # Who was told nothing sends it again, and it is there once.
        again = service.receive(files[0].read_bytes(), OPERATOR)
        assert service.status().n_submissions == before + again.is_new
        n_there.add(again.is_new)
    assert n_there == {True, False}, "the kills should fall before and after the commit"
    assert service.audit().problems == ()
    assert service.status().n_submissions == PLACES + 2
    service.close()
