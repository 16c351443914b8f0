"""Fills a store with the installed reference results, as bundles like any other."""

import json
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import asdict, dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from sqlalchemy import select

from data_gen.foundation.documents import digest_of
from data_gen.foundation.errors import DGBenchError
from dgbench.registry import method_cards
from dgbench.results.facts import Paper
from dgbench.results.folder import PREDICTIONS, RECORD
from dgbench.results.installed import reference_folders
from dgbench.submission.pack.packing import Details, configurations, pack_runs
from leaderboard import clock
from leaderboard.records import Filling, Identity, Receipt
from leaderboard.service import Service
from leaderboard.store import meta
from leaderboard.store.models import SubmissionRow

SUBMITTER = Identity(name="reference results", roles=frozenset({"submitter"}))
"""A name of their own, so that they replace nobody's submission and nobody's replaces them."""
LICENCE = "MIT"
"""Of the methods that come with dgbench."""
_AT_ONCE = 2
"""Bundles at work at the same time: one is packed while another one is scored."""


class StoredMethod(NamedTuple):
    """The stored runs of one method on one benchmark."""

    folder: Path
    """OUT/<benchmark>/<method>/<config digest>, which holds a folder for each seed."""

    @property
    def benchmark(self) -> str:
        """The full name of the benchmark."""
        return self.folder.parts[-3]

    @property
    def name(self) -> str:
        """Benchmark and method, for people."""
        return f"{self.folder.parts[-2]} on {self.benchmark}"

    @property
    def records(self) -> list[Path]:
        """The record of each seed."""
        return sorted(self.folder.glob(f"*/{RECORD}"))

    @property
    def has_predictions(self) -> bool:
        """Whether every seed has its predictions, without which there is nothing to score."""
        return all((record.parent / PREDICTIONS).is_file() for record in self.records)

    @property
    def fingerprint(self) -> str:
        """A digest of the records, which name the predictions."""
        return digest_of(b"".join(record.read_bytes() for record in self.records))


@dataclass(kw_only=True)
class Filled:
    """The result of an import of the reference results."""

    n_new: int = 0
    n_there: int = 0
    counts_only: dict[str, int] = field(default_factory=dict)
    """By benchmark, how many methods were left out because they have no predictions."""
    problems: list[str] = field(default_factory=list)


OnFilled = Callable[[int, int, str], None]
"""Hears how many of how many are done, and what comes next."""


def fill(service: Service, *, on_step: OnFilled = lambda *_: None) -> Filled:
    """Submit every reference result that is not in the store yet.

    It may be stopped at any time, and called again to go on.
    """
    outcome, stored = Filled(), _stored(reference_folders())
    for results in stored:
        if not results.has_predictions:
            n_before = outcome.counts_only.get(results.benchmark, 0)
            outcome.counts_only[results.benchmark] = n_before + 1
    ready = [results for results in stored if results.has_predictions]
    state = _State.read(service, n_total=len(ready))
    new = [results for results in ready if not state.has(results)]
    outcome.n_there = len(ready) - len(new)
    papers = {card.name: card.paper for card in method_cards() if card.paper is not None}
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        tasks = {pool.submit(_submit, service, results, papers): results for results in new}
        try:
            for n_done, task in enumerate(as_completed(tasks), outcome.n_there + 1):
                results = tasks[task]
                try:
                    outcome.n_new += task.result().is_new is not False
                    state.add(results)
                except DGBenchError as problem:
                    outcome.problems.append(f"{results.name}: {problem}")
                state.write(service, n_done=n_done, is_done=False)
                on_step(n_done, len(ready), results.name)
        finally:
            pool.shutdown(cancel_futures=True)
    state.write(service, n_done=len(ready), is_done=True)
    return outcome


def needs_filling(service: Service) -> bool:
    """Tell whether a store holds at most demonstrations, or was filled by half."""
    state = service.filling()
    if state is not None:
        return not state.is_done
    with service.store.read() as session:
        others = select(SubmissionRow.id).where(
            SubmissionRow.manifest.not_like('%"demonstration":true%')
        )
        return session.scalar(others.limit(1)) is None


class _State:
    """The store's own account of its filling, with a digest of each result that it holds."""

    def __init__(self, fingerprints: dict[str, str], n_total: int) -> None:
        self._fingerprints, self._n_total = fingerprints, n_total

    @classmethod
    def read(cls, service: Service, *, n_total: int) -> "_State":
        with service.store.read() as session:
            text = meta.read(session, meta.FILLED_WITH)
        return cls(json.loads(text) if text else {}, n_total)

    def has(self, results: StoredMethod) -> bool:
        return self._fingerprints.get(results.name) == results.fingerprint

    def add(self, results: StoredMethod) -> None:
        self._fingerprints[results.name] = results.fingerprint

    def write(self, service: Service, *, n_done: int, is_done: bool) -> None:
        state = Filling(
            n_done=n_done, n_total=self._n_total, is_done=is_done, last_step_at=clock.now()
        )
        with service.store.write() as session:
            meta.write(session, meta.FILLING, json.dumps(asdict(state)))
            meta.write(session, meta.FILLED_WITH, json.dumps(self._fingerprints))


def _stored(folders: Iterable[Path]) -> list[StoredMethod]:
    """List the stored results, those of the benchmark with the most runs first."""
    results = [
        StoredMethod(path)
        for folder in folders
        for path in sorted(folder.glob("*@*/*/*"))
        if any(path.glob(f"*/{RECORD}"))
    ]
    n_runs = Counter[str]()
    for stored in results:
        n_runs[stored.benchmark] += len(stored.records)
    return sorted(results, key=lambda stored: (-n_runs[stored.benchmark], stored.folder))


def _submit(service: Service, results: StoredMethod, papers: Mapping[str, Paper]) -> Receipt:
    """Bundle the runs of one method, and submit the bundle."""
    (runs,) = configurations([results.folder])
    paper = papers.get(runs.configuration.method.name)
    details = Details(licence=LICENCE)
    if paper is not None:
        details = Details(
            authors=paper.authors,
            paper_url=paper.url or None,
            code_url=paper.code or None,
            licence=LICENCE,
        )
    with TemporaryDirectory() as folder:
        packed = pack_runs(runs, Path(folder) / runs.file_name, details=details)
        return service.receive(packed.path.read_bytes(), SUBMITTER)
