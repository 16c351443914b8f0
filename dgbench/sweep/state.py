"""The state of each run of a sweep, read from its folder and from nothing else."""

import socket
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from filelock import FileLock, Timeout

from data_gen.foundation.errors import DGBenchError
from dgbench.results.folder import RECORD, is_at_work, read_record, write_record
from dgbench.results.record import RunRecord
from dgbench.sweep.grid import Job

StateName = Literal["done", "diverged", "failed", "at work", "stopped", "missing"]
"""`done` and `diverged` are final, since the same run would end the same way again. Every sweep
tries a failed run once more, which may have failed for want of memory."""

LOCK = ".sweep.lock"
_PATIENCE_SECONDS = 5.0
"""How long the processes of a sweep that was killed may take to notice that."""


@dataclass(frozen=True)
class JobState:
    """The state of one run."""

    job: Job
    name: StateName
    record: RunRecord | None = None

    @property
    def is_over(self) -> bool:
        """Whether nothing is left to do."""
        return self.name in ("done", "diverged")


def states_of(jobs: Sequence[Job]) -> list[JobState]:
    """The state of every run."""
    return [_state_of(job) for job in jobs]


def settled_states(jobs: Sequence[Job]) -> list[JobState]:
    """The state of every run once no process of an earlier sweep is left.

    The caller holds the folder's lock, so that no other sweep works there.
    """
    deadline = time.monotonic() + _PATIENCE_SECONDS
    states = [_without_dead_session(state) for state in states_of(jobs)]
    while any(state.name == "at work" for state in states) and time.monotonic() < deadline:
        time.sleep(0.2)
        states = [_without_dead_session(state) for state in states_of(jobs)]
    return states


def _state_of(job: Job) -> JobState:
    if not (job.folder / RECORD).exists():
        return JobState(job, "missing")
    try:
        record = read_record(job.folder)
    except DGBenchError:
        return JobState(job, "failed")
    if record.status == "done":
        lacks = record.trial != job.trial or (
            job.request.with_development and not record.development
        )
        return JobState(job, "stopped" if lacks else "done", record)
    if record.status == "running":
        return JobState(job, "at work" if is_at_work(record) else "stopped", record)
    names: dict[str, StateName] = {"diverged": "diverged", "failed": "failed"}
    return JobState(job, names.get(record.status, "stopped"), record)


def _without_dead_session(state: JobState) -> JobState:
    """Mark a run as interrupted if its record says `running` though its session has ended.

    A process on another machine cannot be looked up. If it belonged to a sweep that still works,
    that sweep would hold the lock; only runs of `dgbench train`, which have no trial, may go on.
    """
    record = state.record
    if record is None or record.status != "running":
        return state
    is_elsewhere = record.process.host != socket.gethostname() and record.trial is not None
    if state.name == "at work" and not is_elsewhere:
        return state
    message = f"Process {record.process.pid} on {record.process.host} did not finish it."
    stopped = record.model_copy(update={"status": "interrupted", "message": message})
    write_record(state.job.folder, stopped)
    return JobState(state.job, "stopped", stopped)


@contextmanager
def locked(out: Path) -> Iterator[None]:
    """Lock a sweep's folder for a block. The system unlocks it however the process ends."""
    lock = FileLock(out / LOCK)
    try:
        out.mkdir(parents=True, exist_ok=True)
        lock.acquire(timeout=0)
    except Timeout as error:
        raise DGBenchError(
            f"Another sweep is at work in {str(out)!r}. Wait for it, or choose another --out."
        ) from error
    except OSError as error:
        raise DGBenchError(f"Cannot write {str(out)!r}: {error.strerror}.") from error
    try:
        yield
    finally:
        lock.release()
