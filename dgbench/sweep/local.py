"""Runs on this machine: processes that each work on one run at a time."""

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
from dgbench.sweep.worker import End, serve

LOG = "sweep.log"
"""What the workers print."""
_THREADS = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS")
_POLL_SECONDS = 0.5
_GRACE_SECONDS = 10.0
"""How long workers may take to write their records after they were stopped."""
_ATTEMPTS = 3
"""How often one call begins a run whose process is ended from outside."""


@dataclass(eq=False)
class _Worker:
    """One process and what it works on."""

    process: BaseProcess
    connection: Connection
    lifeline: Connection
    """Says nothing; it breaks when this process is gone."""
    environment: Mapping[str, str]
    job: Job | None = None

    def messages(self) -> Iterator[int | End]:
        """What it has said so far: steps that are done, and how its run ended."""
        with suppress(EOFError, OSError):
            while self.connection.poll():
                yield self.connection.recv()


class LocalEngine(Engine):
    """Processes with a fixed number of threads each, sharing the GPUs where there are any.

    A worker loads the data of a benchmark once. One that is killed, by the system for want of
    memory say, is replaced, and its run goes on from its last checkpoint.
    """

    def __init__(self, *, out: Path, workers: int, threads: int, gpus: Sequence[str] = ()) -> None:
        """`gpus`: their names for CUDA, which the workers take in turn."""
        self.n_parallel = workers
        self._context = multiprocessing.get_context("spawn")
        self._log = out / LOG
        self._environments: list[dict[str, str]] = []
        for number in range(workers):
            environment = dict.fromkeys(_THREADS, str(threads))
            if gpus:
                environment["CUDA_VISIBLE_DEVICES"] = gpus[number % len(gpus)]
            self._environments.append(environment)
        self._queue: deque[Job] = deque()
        self._begun: Counter[Path] = Counter()

    @override
    def run(self, jobs: Sequence[Job]) -> Generator[Event, None, None]:
        self._queue = deque(jobs)
        workers: list[_Worker] = []
        try:
            for environment in self._environments[: len(jobs)]:
                workers.append(self._start(environment))  # noqa: PERF401  (to be stopped if one fails)
            while self._queue or any(worker.job for worker in workers):
                self._hand_out(workers)
                ends = [end for w in workers for end in (w.connection, w.process.sentinel)]
                wait(ends, _POLL_SECONDS)
                for worker in list(workers):
                    is_alive = worker.process.is_alive()  # before its last words are read
                    yield from _told(worker)
                    if not is_alive:
                        yield from self._lost(worker)
                        workers.remove(worker)
                        if self._queue:
                            workers.append(self._start(worker.environment))
        finally:
            _stop(workers)

    def _start(self, environment: Mapping[str, str]) -> _Worker:
        here, there = self._context.Pipe()
        watched, lifeline = self._context.Pipe(duplex=False)
        arguments = (there, watched, environment, self._log)
        process = self._context.Process(target=serve, args=arguments, daemon=False)
        with no_interrupt():
            process.start()
        there.close()
        watched.close()
        return _Worker(process, here, lifeline, environment)

    def _hand_out(self, workers: Sequence[_Worker]) -> None:
        for worker in workers:
            if worker.job is None and self._queue:
                # One that has died meanwhile does not get to read it, and is found out about.
                with suppress(OSError):
                    worker.connection.send(self._queue[0])
                    worker.job = self._queue.popleft()
                    self._begun[worker.job.folder] += 1

    def _lost(self, worker: _Worker) -> Iterator[Event]:
        """The process has ended; if it was in the middle of a run, that goes on in another one."""
        job = worker.job
        if job is None:
            return
        if self._begun[job.folder] < _ATTEMPTS:
            self._queue.appendleft(job)
            return
        message = (
            f"Its process was ended from outside {_ATTEMPTS} times (code "
            f"{worker.process.exitcode}), perhaps for want of memory. Try fewer --workers."
        )
        yield Event(job, end=End("failed", message, 0.0))


def _told(worker: _Worker) -> Iterator[Event]:
    for message in worker.messages():
        job = worker.job
        if job is None:
            continue
        if isinstance(message, End):
            worker.job = None
            yield Event(job, end=message)
        else:
            yield Event(job, message)


def _stop(workers: Sequence[_Worker]) -> None:
    """Let those at work write that they were interrupted, then end what is left."""
    deadline = time.monotonic() + _GRACE_SECONDS
    at_work = [worker for worker in workers if worker.job is not None]
    try:
        for worker in at_work:
            if worker.process.pid and sys.platform != "win32":
                with suppress(ProcessLookupError):
                    os.kill(worker.process.pid, signal.SIGINT)
        for worker in at_work:
            worker.process.join(max(0.0, deadline - time.monotonic()))
    finally:
        for worker in workers:
            worker.process.kill()
            worker.process.join()
            worker.connection.close()
            worker.lifeline.close()
