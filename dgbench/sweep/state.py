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
from dgbench.results.lease import BEAT_SECONDS, LEASE_SECONDS
from dgbench.results.record import RunRecord
from dgbench.sweep.grid import Job
from dgbench.sweep.shard import Shard

StateName = Literal["done", "diverged", "failed", "at work", "stopped", "missing"]
"""`done` and `diverged` are final, since the same run would end the same way again. Every sweep
tries a failed run once more, which may have failed for want of memory."""

LOCK = ".sweep.lock"
_SHARD_LOCK = ".sweep-{}-of-{}.lock"
_PATIENCE_SECONDS = 5.0
"""How long the processes of a sweep that was killed may take to notice that."""
_FOREIGN_PATIENCE_SECONDS = LEASE_SECONDS + BEAT_SECONDS
"""The same on another machine, where only the end of their lease tells."""


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
    begin = time.monotonic()
    states = [_without_dead_session(state) for state in states_of(jobs)]
    while any(time.monotonic() - begin < _patience(state) for state in states):
        time.sleep(0.2)
        states = [_without_dead_session(state) for state in states_of(jobs)]
    return states


def _patience(state: JobState) -> float:
    """Seconds to wait for the end of the process that works on a run."""
    if state.name != "at work" or state.record is None:
        return 0.0
    is_here = state.record.process.host == socket.gethostname()
    return _PATIENCE_SECONDS if is_here else _FOREIGN_PATIENCE_SECONDS


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
        return JobState(job, "at work" if is_at_work(record, job.folder) else "stopped", record)
    names: dict[str, StateName] = {"diverged": "diverged", "failed": "failed"}
    return JobState(job, names.get(record.status, "stopped"), record)


def _without_dead_session(state: JobState) -> JobState:
    """Mark a run as interrupted if its record says `running` though its session has ended."""
    record = state.record
    if record is None or record.status != "running" or state.name == "at work":
        return state
    message = f"Process {record.process.pid} on {record.process.host} did not finish it."
    stopped = record.model_copy(update={"status": "interrupted", "message": message})
    write_record(state.job.folder, stopped)
    return JobState(state.job, "stopped", stopped)


@contextmanager
def locked(out: Path, shard: Shard | None = None) -> Iterator[None]:
    """Lock a sweep's folder, or one shard of it, for a block.

    The system unlocks it however the process ends.
    """
    name = LOCK if shard is None else _SHARD_LOCK.format(*shard)
    lock = FileLock(out / name)
    try:
        out.mkdir(parents=True, exist_ok=True)
        lock.acquire(timeout=0)
    except Timeout as error:
        raise DGBenchError(
            f"Another sweep is at work in {str(out)!r}. Wait for it, choose another --out, or let "
            "each of several jobs work on a part of the sweep with --shard K/N."
        ) from error
    except OSError as error:
        raise DGBenchError(f"Cannot write {str(out)!r}: {error.strerror}.") from error
    try:
        yield
    finally:
        lock.release()
