"""The sessions of one run: whether one may begin here, and how its record begins and ends."""

import os
import shutil
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from data_gen.foundation.errors import DGBenchError, UsageError
from dgbench.results.folder import RECORD, is_at_work, read_record
from dgbench.results.lease import LEASE, Holder, Lease, claim, holder_after_waiting
from dgbench.results.record import Hardware, Process, RunRecord, Status
from dgbench.training.errors import DivergedError, StoppedError
from dgbench.training.hardware import packages
from dgbench.training.plan import Plan

_LAUNCHED = ("SLURM_STEP_NUM_TASKS", "WORLD_SIZE", "OMPI_COMM_WORLD_SIZE", "PMI_SIZE")
"""Variables of srun, torchrun and MPI that count the copies of a command."""


@dataclass(frozen=True)
class Session:
    """The work of one process on a run folder."""

    earlier: RunRecord | None
    """The record of an earlier session, which is finished or can be resumed."""
    lease: Lease | None
    """None for a run that is finished."""


@contextmanager
def session(plan: Plan, seed: int) -> Iterator[Session]:
    """Work on a run folder, which no other process does meanwhile.

    Without an earlier session, the folder is empty but for the lease. Raises an error if another
    process works on the run, or if the request does not allow it to resume.
    """
    folder = plan.folder(seed)
    earlier = None
    if (folder / LEASE).exists() or (folder / RECORD).exists():
        _refuse_if_at_work(folder)
        earlier = None if plan.request.force else _earlier(plan, seed)
    if earlier is not None and earlier.status == "done":
        yield Session(earlier, None)
        return
    lease = claim(folder)
    try:
        if earlier is None:
            _clear(folder)
        yield Session(earlier, lease)
    finally:
        lease.release()


def _refuse_if_at_work(folder: Path) -> None:
    """Raise DGBenchError if a process is at work in a run folder."""
    holder = holder_after_waiting(folder, _say_whom_we_wait_for)
    if holder is not None:
        name = "this process itself" if holder.is_this_process else holder.name
    elif not (folder / LEASE).exists() and _is_at_work_without_lease(folder):
        process = read_record(folder).process
        name = f"process {process.pid} on {process.host}"
    else:
        return
    raise DGBenchError(
        f"{str(folder)!r}: {name} is still working on this run. Wait for it, or end it "
        f"first.{_copies()}"
    )


def _is_at_work_without_lease(folder: Path) -> bool:
    """Whether an earlier version of dgbench, which wrote no lease, is at work."""
    try:
        record = read_record(folder)
    except DGBenchError:
        return False
    return is_at_work(record, folder) and record.process.pid != os.getpid()


def _say_whom_we_wait_for(holder: Holder) -> None:
    sys.stderr.write(f"Waiting for a sign of life of {holder.name}, which began this run.\n")


def _copies() -> str:
    """A sentence for jobs that start a command several times, empty elsewhere."""
    for name in _LAUNCHED:
        if os.environ.get(name, "1") not in ("", "0", "1"):
            return (
                f" {name} says that this command was started {os.environ[name]} times: dgbench "
                "starts the processes for --devices itself, on one machine. Start it once, or give "
                "each copy seeds of its own, or sweep with --shard."
            )
    return ""


def _clear(folder: Path) -> None:
    """Remove everything from a run folder except the lease."""
    for path in folder.iterdir():
        if path.name == LEASE:
            continue
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)


def _earlier(plan: Plan, seed: int) -> RunRecord | None:
    """The record of an earlier session, if the request allows to go on with it."""
    folder = plan.folder(seed)
    if not (folder / RECORD).exists():
        return None
    record = read_record(folder)
    if record.configuration != plan.configuration or record.seed != seed:
        raise DGBenchError(
            f"{str(folder)!r} holds a run of another configuration. Move it away, or replace it "
            "with --force."
        )
    if record.status == "done" or plan.request.resume:
        return record
    raise UsageError(
        f"{str(folder)!r} holds a run that {_became(record)}. --resume goes on with it, --force "
        "starts it anew."
    )


def _became(record: RunRecord) -> str:
    return "was killed" if record.status == "running" else f"is {record.status}"


def begun(plan: Plan, seed: int, *, machine: Hardware, earlier: RunRecord | None) -> RunRecord:
    """The record of a session that begins now, after `earlier` or as the first one."""
    return RunRecord(
        status="running",
        configuration=plan.configuration,
        seed=seed,
        trial=plan.request.trial,
        regularisation=plan.recipe.regularisation,
        paradigm=plan.recipe.paradigm,
        uses_backbone=plan.recipe.uses_backbone,
        is_yardstick=plan.recipe.is_yardstick,
        paper=plan.recipe.paper,
        process=this_process(),
        hardware=machine,
        packages=packages(),
        resumed=0 if earlier is None else earlier.resumed + 1,
    )


def this_process() -> Process:
    """This process, as the record of a run that begins now names it."""
    return Process(
        host=socket.gethostname(),
        pid=os.getpid(),
        started=datetime.now(UTC).isoformat(timespec="seconds"),
    )


def ended(record: RunRecord, error: BaseException) -> RunRecord:
    """The record of a session that an error has ended."""
    status: Status = "failed"
    if isinstance(error, DivergedError):
        status = "diverged"
    elif isinstance(error, KeyboardInterrupt | SystemExit | StoppedError):
        status = "interrupted"
    text = " ".join(str(error).split())[:500]
    message = text if isinstance(error, DGBenchError) else f"{type(error).__name__}: {text}"
    return record.model_copy(update={"status": status, "message": message.rstrip(": ")})
