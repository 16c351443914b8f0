"""The sessions of one run: may it begin or go on here, and how did it end?"""

import os
import shutil
import socket
from datetime import UTC, datetime

from data_gen.foundation.errors import DGBenchError, UsageError
from dgbench.results.folder import RECORD, is_at_work, read_record
from dgbench.results.record import Process, RunRecord, Status
from dgbench.training.errors import DivergedError
from dgbench.training.plan import Plan


def this_process() -> Process:
    """Who works on a run that begins now."""
    return Process(
        host=socket.gethostname(),
        pid=os.getpid(),
        started=datetime.now(UTC).isoformat(timespec="seconds"),
    )


def prepare(plan: Plan, seed: int) -> RunRecord | None:
    """The record of an earlier session to go on from, or that has finished already.

    Where there is none, the folder is empty afterwards. Refuses to touch a run that somebody works
    on, or that the request does not allow to go on.
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


def ended(record: RunRecord, error: BaseException) -> RunRecord:
    """The record of a run that an error has ended."""
    status: Status = "failed"
    if isinstance(error, DivergedError):
        status = "diverged"
    elif isinstance(error, KeyboardInterrupt | SystemExit):
        status = "interrupted"
    text = " ".join(str(error).split())[:500]
    message = text if isinstance(error, DGBenchError) else f"{type(error).__name__}: {text}"
    return record.model_copy(update={"status": status, "message": message.rstrip(": ")})
