"""Many processes at once, and processes that are killed: nothing is lost, doubled or half there."""

from itertools import count

import pytest

from leaderboard.records import OPERATOR, Query
from leaderboard.service import Service
from leaderboard.store.database import Store
from tests.leaderboard.at_work import AT_THE_END, at_work
from tests.leaderboard.synthetic import bundle, score

N_PROCESSES = 8
PLACES = 20


@pytest.fixture
def start(forked, tmp_path):
    """A function that starts a process which submits, and returns it and the file of its words."""
    numbers = count()

    def started(url, blobs, kill_at, files):
        output = tmp_path / f"output-{next(numbers)}"
        process = forked.Process(target=at_work, args=(output, url, blobs, kill_at, *files))
        process.start()
        return process, output

    return started


def ended(process, output):
    """The exit code of a process, and the lines that it has written."""
    process.join(300)
    assert process.exitcode is not None, "it does not end"
    return process.exitcode, output.read_text().splitlines()


def written(folder, bundles):
    folder.mkdir(exist_ok=True)
    paths = [folder / f"{n}.dgsub" for n in range(len(bundles))]
    for path, data in zip(paths, bundles, strict=True):
        path.write_bytes(data)
    return paths


@pytest.mark.slow
def test_eight_processes_lose_and_duplicate_nothing(kind, new_url, start, tmp_path):
    url, blobs = new_url(kind), tmp_path / "blobs"
    # Each has five of its own, and five that all of them send.
    shared = [bundle(f"shared-{n}", level=0.5) for n in range(5)]
    processes = []
    for number in range(N_PROCESSES):
        own = [bundle(f"own-{number}-{n}", level=0.3 + 0.05 * n) for n in range(5)]
        mixed = [data for pair in zip(own, shared, strict=True) for data in pair]
        files = written(tmp_path / f"process-{number}", mixed)
        processes.append(start(url, blobs, 0, files))
    codes, outputs = zip(*(ended(*process) for process in processes), strict=True)
    assert codes == (0,) * N_PROCESSES, outputs
    lines = [line.split() for output in outputs for line in output if "places" not in line]
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
def test_a_process_killed_anywhere_leaves_a_store_without_fault(kind, new_url, start, tmp_path):
    url, blobs = new_url(kind), tmp_path / "blobs"
    first = written(tmp_path / "first", [bundle("first", level=0.4)])
    second = written(tmp_path / "second", [bundle("second", level=0.5)])
    # The first submission of a store passes places of its own, so the second is counted.
    for files in (first, second):
        code, told = ended(*start(url, blobs, 10**9, files))
        assert code == 0, told
    n_places = int(told[-1].split()[-1])
    assert n_places >= PLACES
    service = Service(Store.open(url, blobs=blobs), score=score)
    n_there = set()
    # Later submissions pass more places than the first, so the last of all is named.
    places = [1 + k * (n_places - 1) // (PLACES - 2) for k in range(PLACES - 1)]
    for number, place in enumerate([*places, AT_THE_END]):
        files = written(tmp_path / f"at-{place}", [bundle(f"killed-{number}", level=0.6)])
        code, _ = ended(*start(url, blobs, place, files))
        assert code == -9, f"place {place} of {n_places} was not reached"
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
