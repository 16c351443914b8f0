"""One run after the other in one process, which keeps the data of the benchmark at hand."""

from collections.abc import Iterator
from typing import Literal

import psutil
from typing_extensions import override

from data_gen.foundation.errors import DGBenchError
from data_gen.generator import Chunk
from dgbench.benchmarks import Benchmark, Images, Loaded, open_benchmark
from dgbench.results.folder import write_record
from dgbench.results.record import RunRecord
from dgbench.sweep.grid import Job
from dgbench.training.callbacks import Advance
from dgbench.training.errors import DivergedError
from dgbench.training.plan import Plan
from dgbench.training.runner import Runner
from dgbench.training.weights import FINAL

_SHARE = 0.1
"""Of the memory that is free, how much kept splits may take."""


class Kept(Benchmark):
    """A benchmark whose splits stay in memory once they were loaded, as far as there is room."""

    def __init__(self, inner: Benchmark) -> None:
        self._inner = inner
        self.spec, self.official = inner.spec, inner.official
        self.sources, self.seed, self.multiply = inner.sources, inner.seed, inner.multiply
        self._splits: dict[str, Loaded] = {}
        self._room = int(_SHARE * psutil.virtual_memory().available)

    @override
    def chunks(self, name: str) -> Iterator[Chunk]:
        return self._inner.chunks(name)

    @override
    def size(self, name: str) -> int:
        return self._inner.size(name)

    @override
    def load(self, name: str, *, into: Images | None = None) -> Loaded:
        if name in self._splits and into is None:
            return self._splits[name]
        loaded = self._inner.load(name, into=into)
        size = loaded.images.nbytes
        if into is None and size <= self._room:
            self._splits[name] = loaded
            self._room -= size
        return loaded


class Workbench:
    """Works on jobs, one after the other."""

    def __init__(self) -> None:
        self._key: object = None
        self._benchmark: Benchmark | None = None

    def work(self, job: Job, advance: Advance | None = None) -> RunRecord:
        """Do one run, or what is missing of it; raises as `Runner.run` does."""
        plan = Plan(job.request, self._open(job))
        runner = Runner(plan)
        try:
            record = runner.run(job.seed, advance=advance)
            return _adopted(job, runner, record)
        finally:
            runner.close()

    def _open(self, job: Job) -> Benchmark:
        request = job.request
        key = (request.benchmark, request.sources, request.generator_seed)
        if self._benchmark is None or self._key != key:
            self._benchmark = None  # before the next one takes its place in memory
            opened = open_benchmark(
                request.benchmark, given=request.sources, seed=request.generator_seed
            )
            self._key, self._benchmark = key, Kept(opened)
        return self._benchmark


def _adopted(job: Job, runner: Runner, record: RunRecord) -> RunRecord:
    """A run that `dgbench train` had done already: it becomes a trial, as the sweep wants it."""
    done = record
    if job.request.with_development and not record.development:
        if not (job.folder / FINAL).is_file():
            raise DGBenchError(
                f"{str(job.folder)!r} has no final weights, so that it cannot be evaluated on the "
                "development domains. Remove the folder, and the run is done anew."
            )
        done = runner.evaluate(record, job.folder)
    done = done.model_copy(update={"trial": job.trial})
    if done != record:
        write_record(job.folder, done)
    return done


def failure(error: Exception) -> tuple[Literal["diverged", "failed"], str]:
    """What an error says about a run: its status and a sentence."""
    if isinstance(error, DivergedError):
        return "diverged", str(error)
    text = " ".join(str(error).split())[:500]
    return "failed", text if isinstance(error, DGBenchError) else f"{type(error).__name__}: {text}"
