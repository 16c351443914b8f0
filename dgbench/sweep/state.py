"""How far each run of a sweep is, read from its folder and from nothing else."""

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

State = Literal["done", "diverged", "failed", "at work", "stopped", "missing"]
"""`done` and `diverged` are ends, since the same run would end the same way again. A run that
failed, perhaps for want of memory, is tried once more by every call."""

LOCK = ".sweep.lock"
_PATIENCE_SECONDS = 5.0
"""How long a process of an earlier, killed sweep may take to notice it."""


@dataclass(frozen=True)
class Standing:
    """The state of one run."""

    job: Job
    state: State
    record: RunRecord | None = None

    @property
    def is_over(self) -> bool:
        """Whether nothing is left to do."""
        return self.state in ("done", "diverged")


def standings(jobs: Sequence[Job]) -> list[Standing]:
    """The state of every run."""
    return [_standing(job) for job in jobs]


def settled(jobs: Sequence[Job]) -> list[Standing]:
    """The state of every run once no process of an earlier sweep is left.

    The caller holds the folder's lock: no other sweep works here.
    """
    deadline = time.monotonic() + _PATIENCE_SECONDS
    found = [_freed(standing) for standing in standings(jobs)]
    while any(each.state == "at work" for each in found) and time.monotonic() < deadline:
        time.sleep(0.2)
        found = [_freed(standing) for standing in standings(jobs)]
    return found


def _standing(job: Job) -> Standing:
    if not (job.folder / RECORD).exists():
        return Standing(job, "missing")
    try:
        record = read_record(job.folder)
    except DGBenchError:
        return Standing(job, "failed")
    if record.status == "done":
        lacks = record.trial != job.trial or (
            job.request.with_development and not record.development
        )
        return Standing(job, "stopped" if lacks else "done", record)
    if record.status == "running":
        return Standing(job, "at work" if is_at_work(record) else "stopped", record)
    states: dict[str, State] = {"diverged": "diverged", "failed": "failed"}
    return Standing(job, states.get(record.status, "stopped"), record)


def _freed(standing: Standing) -> Standing:
    """A run that still says `running` though its session is over now says so.

    Another machine cannot be asked; but had the sweep there not ended, it would hold the lock. Runs
    of `dgbench train` carry no trial.
    """
    record = standing.record
    if record is None or record.status != "running":
        return standing
    is_elsewhere = record.process.host != socket.gethostname() and record.trial is not None
    if standing.state == "at work" and not is_elsewhere:
        return standing
    message = f"Process {record.process.pid} on {record.process.host} did not finish it."
    stopped = record.model_copy(update={"status": "interrupted", "message": message})
    write_record(standing.job.folder, stopped)
    return Standing(standing.job, "stopped", stopped)


@contextmanager
def held(out: Path) -> Iterator[None]:
    """Hold a folder's lock, which the system lets go of however the process ends."""
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
