"""The sessions of one run: whether one may begin here, and how its record begins and ends."""

import os
import shutil
import socket
from datetime import UTC, datetime

from data_gen.foundation.errors import DGBenchError, UsageError
from dgbench.results.folder import RECORD, is_at_work, read_record
from dgbench.results.record import Hardware, Process, RunRecord, Status
from dgbench.training.errors import DivergedError
from dgbench.training.hardware import packages
from dgbench.training.plan import Plan


def this_process() -> Process:
    """This process, as the record of a run that begins now names it."""
    return Process(
        host=socket.gethostname(),
        pid=os.getpid(),
        started=datetime.now(UTC).isoformat(timespec="seconds"),
    )


def prepare(plan: Plan, seed: int) -> RunRecord | None:
    """The record of an earlier session, which is finished or can be resumed.

    Without one, the folder is empty afterwards. Raises an error if a process still works on the
    run, or if the request does not allow it to resume.
    """
    folder = plan.folder(seed)
    if plan.request.force or not (folder / RECORD).exists():
        if folder.exists():
            shutil.rmtree(folder)
        return None
    record = read_record(folder)
    if record.configuration != plan.configuration or record.seed != seed:
        raise DGBenchError(
            f"{str(folder)!r} holds a run of another configuration. Move it away, or replace it "
            "with --force."
        )
    if record.status == "done" or plan.request.resume:
        if is_at_work(record) and record.process.pid != os.getpid():
            raise DGBenchError(
                f"{str(folder)!r}: process {record.process.pid} on {record.process.host} is still "
                "working on this run. Wait for it, or end it first."
            )
        return record
    raise UsageError(
        f"{str(folder)!r} holds a run that is {record.status}. --resume goes on with it, --force "
        "starts it anew."
    )


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


def ended(record: RunRecord, error: BaseException) -> RunRecord:
    """The record of a session that an error has ended."""
    status: Status = "failed"
    if isinstance(error, DivergedError):
        status = "diverged"
    elif isinstance(error, KeyboardInterrupt | SystemExit):
        status = "interrupted"
    text = " ".join(str(error).split())[:500]
    message = text if isinstance(error, DGBenchError) else f"{type(error).__name__}: {text}"
    return record.model_copy(update={"status": status, "message": message.rstrip(": ")})
