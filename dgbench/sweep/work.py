"""The workbench of one process, which keeps the data of a benchmark from run to run."""

from typing import Literal

from data_gen.foundation.errors import DGBenchError
from dgbench.benchmarks import Benchmark, open_benchmark
from dgbench.results.folder import write_record
from dgbench.results.record import RunRecord
from dgbench.sweep.cached_benchmark import CachedBenchmark
from dgbench.sweep.grid import Job
from dgbench.training.callbacks import OnStep
from dgbench.training.errors import DivergedError, StoppedError
from dgbench.training.plan import Plan
from dgbench.training.runner import Runner
from dgbench.training.weights import FINAL


class Workbench:
    """Works on jobs one after the other, and keeps the last benchmark open."""

    def __init__(self) -> None:
        self._key: object = None
        self._benchmark: Benchmark | None = None

    def work(self, job: Job, on_step: OnStep | None = None) -> RunRecord:
        """Do one run, or the missing rest of it, with the errors of `Runner.run`."""
        plan = Plan(job.request, self._open(job))
        runner = Runner(plan)
        try:
            record = runner.run(job.seed, on_step=on_step)
            return _adopted(job, runner, record)
        finally:
            runner.close()

    def _open(self, job: Job) -> Benchmark:
        request = job.request
        key = (request.benchmark, request.sources, request.generator_seed)
        if self._benchmark is None or self._key != key:
            self._benchmark = None  # frees the memory that the next one needs
            opened = open_benchmark(
                request.benchmark, given=request.sources, seed=request.generator_seed
            )
            self._key, self._benchmark = key, CachedBenchmark(opened)
        return self._benchmark


def _adopted(job: Job, runner: Runner, record: RunRecord) -> RunRecord:
    """Complete a run that `dgbench train` has done already, so that it counts as a trial."""
    adopted = record
    if job.request.with_development and not record.development:
        if not (job.folder / FINAL).is_file():
            raise DGBenchError(
                f"{str(job.folder)!r} has no final weights, so that it cannot be evaluated on the "
                "development domains. Remove the folder, and the run is done anew."
            )
        adopted = runner.evaluate(record, job.folder)
    adopted = adopted.model_copy(update={"trial": job.trial})
    if adopted != record:
        write_record(job.folder, adopted)
    return adopted


def failure(error: Exception) -> tuple[Literal["diverged", "failed", "interrupted"], str]:
    """The status of a run that an error ended, and a sentence about it."""
    if isinstance(error, DivergedError):
        return "diverged", str(error)
    if isinstance(error, StoppedError):
        return "interrupted", str(error)
    text = " ".join(str(error).split())[:500]
    return "failed", text if isinstance(error, DGBenchError) else f"{type(error).__name__}: {text}"
