"""Runs on this machine, in processes that each work on one run at a time."""

import multiprocessing
import os
import signal
import sys
import time
from collections import Counter, deque
from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from pathlib import Path

from typing_extensions import override

from data_gen.workers import no_interrupt
from dgbench.sweep.engine import Engine, Event
from dgbench.sweep.grid import Job
from dgbench.sweep.worker import JobEnd, serve

LOG = "sweep.log"
"""File that receives the output of the workers."""
_THREAD_VARIABLES = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS")
_POLL_SECONDS = 0.5
_GRACE_SECONDS = 10.0
"""How long workers may take to write their records after they were stopped."""
_MOST_ATTEMPTS = 3
"""How often one sweep begins a run whose process is killed."""


@dataclass(eq=False)
class _Worker:
    """One process and its current job."""

    process: BaseProcess
    connection: Connection
    lifeline: Connection
    """Carries no message, and breaks when this process ends."""
    environment: Mapping[str, str]
    job: Job | None = None

    def messages(self) -> Iterator[int | JobEnd]:
        """Its new messages: the number of steps done, or the end of its run."""
        with suppress(EOFError, OSError):
            while self.connection.poll():
                yield self.connection.recv()


class LocalEngine(Engine):
    """Runs processes with a fixed number of threads each, which share the GPUs, if any.

    A worker loads the data of a benchmark once. If it is killed, perhaps by the system for want of
    memory, another worker takes its place and resumes its run from the last checkpoint.
    """

    def __init__(self, *, out: Path, workers: int, threads: int, gpus: Sequence[str] = ()) -> None:
        """`gpus` are their names for CUDA, which are dealt out to the workers in turn."""
        self.n_parallel = workers
        self._context = multiprocessing.get_context("spawn")
        self._log = out / LOG
        self._environments: list[dict[str, str]] = []
        for number in range(workers):
            environment = dict.fromkeys(_THREAD_VARIABLES, str(threads))
            if gpus:
                environment["CUDA_VISIBLE_DEVICES"] = gpus[number % len(gpus)]
            self._environments.append(environment)
        self._queue: deque[Job] = deque()
        self._attempts: Counter[Path] = Counter()

    @override
    def run(self, jobs: Sequence[Job]) -> Generator[Event, None, None]:
        self._queue = deque(jobs)
        workers: list[_Worker] = []
        try:
            for environment in self._environments[: len(jobs)]:
                workers.append(self._start(environment))  # noqa: PERF401  (to be stopped if one fails)
            while self._queue or any(worker.job for worker in workers):
                self._hand_out(workers)
                signals = [s for w in workers for s in (w.connection, w.process.sentinel)]
                wait(signals, _POLL_SECONDS)
                for worker in list(workers):
                    is_alive = worker.process.is_alive()  # before its last messages are read
                    yield from _events_of(worker)
                    if not is_alive:
                        yield from self._retry_job_of(worker)
                        workers.remove(worker)
                        if self._queue:
                            workers.append(self._start(worker.environment))
        finally:
            _stop(workers)

    def _start(self, environment: Mapping[str, str]) -> _Worker:
        ours, theirs = self._context.Pipe()
        watched, lifeline = self._context.Pipe(duplex=False)
        arguments = (theirs, watched, environment, self._log)
        process = self._context.Process(target=serve, args=arguments, daemon=False)
        with no_interrupt():
            process.start()
        theirs.close()
        watched.close()
        return _Worker(process, ours, lifeline, environment)

    def _hand_out(self, workers: Sequence[_Worker]) -> None:
        for worker in workers:
            if worker.job is None and self._queue:
                # A worker that has just died reads nothing; the main loop notices its end.
                with suppress(OSError):
                    worker.connection.send(self._queue[0])
                    worker.job = self._queue.popleft()
                    self._attempts[worker.job.folder] += 1

    def _retry_job_of(self, worker: _Worker) -> Iterator[Event]:
        """Queue the run of a worker that died once more, or report its failure."""
        job = worker.job
        if job is None:
            return
        if self._attempts[job.folder] < _MOST_ATTEMPTS:
            self._queue.appendleft(job)
            return
        message = (
            f"Its process was ended from outside {_MOST_ATTEMPTS} times (code "
            f"{worker.process.exitcode}), perhaps for want of memory. Try fewer --workers."
        )
        yield Event(job, end=JobEnd("failed", message, 0.0))


def _events_of(worker: _Worker) -> Iterator[Event]:
    for message in worker.messages():
        job = worker.job
        if job is None:
            continue
        if isinstance(message, JobEnd):
            worker.job = None
            yield Event(job, end=message)
        else:
            yield Event(job, message)


def _stop(workers: Sequence[_Worker]) -> None:
    """Let busy workers write a checkpoint and that they were stopped, then kill every worker."""
    deadline = time.monotonic() + _GRACE_SECONDS
    busy = [worker for worker in workers if worker.job is not None]
    try:
        for worker in busy:
            if worker.process.pid and sys.platform != "win32":
                with suppress(ProcessLookupError):
                    os.kill(worker.process.pid, signal.SIGTERM)
        for worker in busy:
            worker.process.join(max(0.0, deadline - time.monotonic()))
    finally:
        for worker in workers:
            worker.process.kill()
            worker.process.join()
            worker.connection.close()
            worker.lifeline.close()
