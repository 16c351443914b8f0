"""The speed of reading ten thousand submissions, and of receiving and ranking a new one.

    python speed/leaderboard_store.py [--db URL] [--rows 10000] [--group 500] [--repeats 5]

The store is filled with SYNTHETIC submissions: rows written through the store's layer, with arrays
of the real size but of predictions that never were. What is then received are bundles of 400,000
predictions by the whole way: read and scored in a child process, blobs, near-duplicates, ranks,
audit log. They are those of the stored reference runs, and random ones with probabilities; each has
a display name of its own. `--group` synthetic rows are ranked in the group that they enter. The
processes that submit at once have each submitted a bundle before they are timed.
"""

import argparse
import io
import json
import multiprocessing
import os
import statistics
import sys
import tempfile
import time
import zipfile
from multiprocessing import Queue
from multiprocessing.synchronize import Barrier
from pathlib import Path

import numpy as np
from rich.console import Console

sys.path.insert(0, str(Path(__file__).parents[1]))

from submissions import make_bundle

from dgbench.metrics.intervals import summarise
from dgbench.metrics.replicates import replicates
from dgbench.standings.headline import Headline
from dgbench.submission.answer_key.answers import answers_of
from dgbench.submission.format.archive import write_archive
from dgbench.submission.format.manifest import Manifest
from dgbench.submission.format.members import MANIFEST
from dgbench.submission.pack.packing import Details, pack
from leaderboard.board.documents import document_of
from leaderboard.board.materialize import GroupKey, refresh
from leaderboard.board.ranker import Ranker
from leaderboard.intake.near_duplicates import sketch
from leaderboard.intake.scoring import Scored
from leaderboard.records import OPERATOR, Query, RowFacts
from leaderboard.service import Service
from leaderboard.store.database import Store
from leaderboard.store.models import SubmissionRow

RUNS = Path(__file__).parents[1] / "baselines/results/reference/mnist-color@1/erm"
N_IMAGES, N_SEEDS = 10_000, 5
say = Console(width=110, highlight=False, soft_wrap=True).print
AT = "2026-01-01T00:00:00.000000Z"


class Times:
    """Wall and processor times of what is done within it, of this process."""

    def __init__(self) -> None:
        self.wall: list[float] = []
        self.cpu: list[float] = []

    def __enter__(self) -> None:
        self._began = time.perf_counter(), time.process_time()

    def __exit__(self, *_: object) -> None:
        self.wall.append(1000 * (time.perf_counter() - self._began[0]))
        self.cpu.append(1000 * (time.process_time() - self._began[1]))

    def __str__(self) -> str:
        """The times in milliseconds. On a busy machine only the processor time tells something."""
        return (
            f"best {min(self.wall):.1f} ms, median {statistics.median(self.wall):.1f}, worst "
            f"{max(self.wall):.1f} (processor: best {min(self.cpu):.1f}, median "
            f"{statistics.median(self.cpu):.1f})"
        )


def synthetic_facts(name: str, benchmark: str, score: float) -> RowFacts:
    """The row of a submission that never was."""
    return RowFacts(
        submission_id=f"{name}-{benchmark}",
        method=name,
        display_name=name,
        version="1.0",
        authors=("Nobody",),
        benchmark=benchmark,
        uses=(),
        selection="fixed",
        n_seeds=N_SEEDS,
        standing="full",
        headline=Headline(name="hps", estimate=score, low=score - 0.01, high=score + 0.01),
        hps=score,
        hps_low=score - 0.01,
        hps_high=score + 0.01,
        up=score,
        mp=score,
        retention=1.0,
        found={"shape": score},
        trusted={"shape": score, "color": 0.99},
        accuracy=score,
        worst_domain="up.color",
        worst_accuracy=score / 2,
        parameters=80_000,
        training_seconds=40.0,
        energy_kwh=0.001,
        verification="received",
    )


def synthetic(number: int, benchmark: str, n_images: int) -> Scored:
    """A submission that never was, with arrays like those of a real one."""
    generator = np.random.default_rng(number)
    right = generator.random((N_SEEDS, n_images)) < generator.uniform(0.1, 0.9)
    summary = summarise(right.astype(float))
    return Scored(
        facts=synthetic_facts(f"synthetic-{number}", benchmark, summary.estimate),
        card="{}",
        manifest=Manifest.model_construct(),
        model_card="",
        flags=(),
        claims=(),
        evidence=b"",
        summary=summary,
        replicates=replicates(summary),
        sketch=sketch(np.tile(2 * right.sum(axis=0) > N_SEEDS, 8)),
    )


def fill(store: Store, benchmark: str, numbers: range, n_images: int) -> float:
    """Write synthetic submissions, rank them, and return the seconds that ranking took."""
    with store.write() as session:
        for number in numbers:
            submission = synthetic(number, benchmark, n_images)
            session.add(
                SubmissionRow(
                    id=submission.facts.submission_id,
                    received_at=AT,
                    submitter="nobody",
                    benchmark=benchmark,
                    uses="",
                    selection="fixed",
                    method=submission.facts.method,
                    facts=document_of(submission.facts),
                    card="{}",
                    manifest="{}",
                    model_card="",
                    bundle_digest="0" * 64,
                    bundle_bytes=0,
                    evidence_digest="0" * 64,
                    state="shown",
                    reason="",
                )
            )
            session.flush()
            session.add(submission.evidence_row())
        session.flush()
        start = time.perf_counter()
        refresh(session, GroupKey(benchmark, (), "fixed"), Ranker())
        return time.perf_counter() - start


def real_bundles(folder: Path, names: range) -> list[bytes]:
    """Bundles of the same real runs, under different names."""
    bundles = []
    for number in names:
        path = folder / f"{number}.dgsub"
        pack([RUNS], path, details=Details(display_name=f"copy {number}"))
        bundles.append(path.read_bytes())
    return bundles


def with_probabilities(names: range) -> list[bytes]:
    """Bundles of the same random predictions with probabilities, under different names."""
    answers = answers_of("mnist-color@1")
    if answers is None:
        raise SystemExit("mnist-color@1 has no answers.")
    bundle = make_bundle(answers, with_probabilities=True)
    return [renamed(bundle, f"random {number}") for number in names]


def renamed(bundle: bytes, name: str) -> bytes:
    """The same bundle under another display name."""
    with zipfile.ZipFile(io.BytesIO(bundle)) as archive:
        members = {member: archive.read(member) for member in archive.namelist()}
    manifest = json.loads(members[MANIFEST]) | {"display_name": name}
    return write_archive({**members, MANIFEST: json.dumps(manifest).encode()})


def submit_all(
    url: str, blobs: Path, bundles: list[bytes], gate: Barrier, new: "Queue[int]"
) -> None:
    """Submit as one of many processes at once. The first bundle is not timed."""
    service = Service(Store.open(url, blobs=blobs))
    service.receive(bundles[0], OPERATOR)
    gate.wait()
    new.put(sum(service.receive(data, OPERATOR).is_new for data in bundles[1:]))
    gate.wait()
    service.close()


def at_once(url: str, blobs: Path, bundles: list[bytes], n: int) -> None:
    """Let n processes submit all bundles, and say how many a second they did."""
    context = multiprocessing.get_context("spawn")
    gate, new = context.Barrier(n + 1), context.Queue()
    processes = [
        context.Process(target=submit_all, args=(url, blobs, bundles[k::n], gate, new))
        for k in range(n)
    ]
    for process in processes:
        process.start()
    gate.wait()
    start = time.perf_counter()
    gate.wait()
    seconds = time.perf_counter() - start
    n_new = sum(new.get() for _ in processes)
    for process in processes:
        process.join()
    sent = len(bundles) - n
    say(f"{n} processes at once: {n_new} of {sent} bundles are new, {n_new / seconds:.1f} a second")


def time_receiving(store: Store, bundles: list[bytes], what: str) -> None:
    """Time the way from a bundle's bytes to its ranked row, once the scoring process is warm."""
    service = Service(store)
    service.receive(bundles[0], OPERATOR)
    times = Times()
    for data in bundles[1:]:
        with times:
            service.receive(data, OPERATOR)
    service.close()
    say(f"{what}, to its ranked row, once warm: {times}, without the scoring process's")


def time_reading(store: Store, benchmark: str, n: int, repeats: int) -> None:
    """Time a new service, which has nothing in its caches, and then the same one again."""
    cold, warm = Times(), Times()
    for _ in range(repeats):
        service = Service(store)
        for times in (cold, warm):
            with times:
                rows = service.rows(Query(benchmark=benchmark))
        if len(rows) != n:
            raise SystemExit(f"{len(rows)} rows were read, expected {n}.")
    say(f"read {n} ranked rows: {cold}; the same service again: {warm}")


def main() -> None:
    """Fill, read, receive."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--db", help="An empty store; default: SQLite in a temporary folder.")
    parser.add_argument("--rows", type=int, default=10_000)
    parser.add_argument("--group", type=int, default=500)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--processes", type=int, default=8)
    parser.add_argument("--each", type=int, default=6, help="Bundles of each process.")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        url, blobs = options.db or str(folder / "board.sqlite"), folder / "blobs"
        store = Store.open(url, blobs=blobs)
        rest = options.rows - options.group
        seconds = fill(store, "synthetic@1", range(rest), 500)
        say(f"{store.kind}: rank one group of {rest} synthetic rows: {seconds:.1f} s")
        seconds = fill(store, "mnist-color@1", range(rest, options.rows), N_IMAGES)
        say(f"rank one group of {options.group} synthetic rows of real size: {seconds:.2f} s")
        time_reading(store, "synthetic@1", rest, options.repeats)
        n, names = options.processes, range(options.repeats + 1)
        time_receiving(store, real_bundles(folder, names), "a reference bundle")
        time_receiving(store, with_probabilities(names), "a bundle with probabilities")
        say(f"  (among {options.group} in its group, of {options.rows} in the store)")
        rest_of_names = range(len(names), len(names) + n * (1 + options.each))
        at_once(url, blobs, real_bundles(folder, rest_of_names), n)
    load = os.getloadavg()[0]
    say(f"load {load:.1f} on {os.cpu_count()} cores")


if __name__ == "__main__":
    main()
