"""One run on several devices, with a process for each that this process follows."""

import multiprocessing
import os
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

from data_gen.foundation.errors import DGBenchError, UsageError
from data_gen.workers import available_cores
from dgbench.results.folder import RECORD, read_record, write_record
from dgbench.results.lease import Lease
from dgbench.results.record import RunRecord
from dgbench.training.callbacks import OnStep
from dgbench.training.errors import DivergedError, StoppedError
from dgbench.training.plan import Plan, Request
from dgbench.training.rendezvous import ProcessRank, free_port
from dgbench.training.sessions import ended, session
from dgbench.training.stopping import StepStop, deferred, is_asked, stoppable

_POLL_SECONDS = 0.1
_GRACE_SECONDS = 20.0
"""How long the other processes may take to end after one has failed, or after Ctrl-C."""
_FAILING_SECONDS = 2.0
"""How long a process has to notice that another one has failed."""
_FINE = (None, 0, StoppedError.exit_code)
"""Exit codes of processes that work, are done, or have stopped because all of them do."""
_KINDS: dict[str, type[DGBenchError]] = {
    kind.__name__: kind for kind in (UsageError, DGBenchError, DivergedError, StoppedError)
}


@dataclass(frozen=True)
class _Failure:
    """Why a process ended, in plain values, since not every exception can be pickled."""

    time: float
    """When, in seconds on this machine's clock."""
    kind: str
    message: str


@dataclass(frozen=True)
class _Member:
    """The part of one process in a run, which it is told when it starts."""

    request: Request
    seed: int
    rank: ProcessRank
    step: Any
    loss: Any
    last_step: Any
    """See `StepStop`."""


def run_on_several(plan: Plan, seed: int, *, on_step: OnStep | None = None) -> RunRecord:
    """Train one seed with a process for each device.

    The first process evaluates and writes the run folder.
    """
    with session(plan, seed) as here:
        if here.earlier is not None and here.earlier.status == "done":
            return here.earlier
        try:
            _train(plan, seed, here.lease, on_step)
        except BaseException as error:
            _complete(plan.folder(seed), error)
            raise
        return read_record(plan.folder(seed))


def _complete(folder: Path, error: BaseException) -> None:
    """Write how a run ended, if its first process could not."""
    if (folder / RECORD).exists() and read_record(folder).status == "running":
        write_record(folder, ended(read_record(folder), error))


def _train(plan: Plan, seed: int, lease: Lease | None, on_step: OnStep | None) -> None:
    """Start the processes of a run, and follow them to their ends."""
    context = multiprocessing.get_context("spawn")
    step, loss, last_step = context.Value("q", 0), context.Value("d", 0.0), context.Value("q", 0)
    request = replace(plan.request, force=False, resume=True)
    port = free_port()
    processes: list[BaseProcess] = []
    connections: list[Connection] = []
    for rank in range(request.devices):
        receive, send = context.Pipe(duplex=False)
        place = ProcessRank(rank, request.devices, port)
        member = _Member(request, seed, place, step, loss, last_step)
        processes.append(context.Process(target=_work, args=(member, send), daemon=False))
        connections.append(receive)
        processes[-1].start()
        send.close()
    try:
        with deferred():
            for _ in _polls(processes):
                if lease is not None:
                    lease.check()
                if on_step is not None:
                    on_step(step.value, loss.value)
    finally:
        _end(processes)
    _raise_first(connections, processes)


def _polls(processes: list[BaseProcess]) -> Iterator[None]:
    """Wait until all processes are done or one has failed, and hand on a signal to end."""
    is_told = False
    while any(process.is_alive() for process in processes):
        if any(process.exitcode not in _FINE for process in processes):
            return
        if is_asked() and not is_told:
            is_told = True
            for process in processes:
                process.terminate()
        yield
        time.sleep(_POLL_SECONDS)


def _end(processes: list[BaseProcess]) -> None:
    """Give the first process time to write its record, then end all that still run."""
    deadline = time.monotonic() + _GRACE_SECONDS
    for process in processes:
        if any(other.exitcode not in _FINE for other in processes) and process.is_alive():
            process.join(max(0.0, min(_FAILING_SECONDS, deadline - time.monotonic())))
            process.kill()
        process.join(max(0.0, deadline - time.monotonic()))
        if process.is_alive():
            process.kill()
            process.join()


def _raise_first(connections: list[Connection], processes: list[BaseProcess]) -> None:
    """Raise the first failure, since the processes that failed later only lost a peer."""
    messages = [_message(connection) for connection in connections]
    failures = [message for message in messages if message is not None]
    for failure in sorted(failures, key=lambda failure: failure.time):
        if failure.kind == "KeyboardInterrupt":
            raise KeyboardInterrupt
        raise _KINDS.get(failure.kind, DGBenchError)(failure.message)
    codes = [process.exitcode for process in processes if process.exitcode]
    if codes:
        raise DGBenchError(
            f"A training process ended with code {codes[0]}, perhaps for want of memory. --resume "
            "goes on from the last checkpoint."
        )


def _message(connection: Connection) -> _Failure | None:
    """The last message of a process, if it sent any."""
    try:
        return connection.recv()
    except (EOFError, OSError):
        return None


def _work(member: _Member, send: Connection) -> None:
    """Run one process from start to end."""
    threading.Thread(target=_end_with_parent, daemon=True).start()
    try:
        with stoppable():
            _run(member)
    except BaseException as error:
        text = " ".join(str(error).split())
        is_known = isinstance(error, DGBenchError | KeyboardInterrupt)
        kind = type(error).__name__
        send.send(_Failure(time.time(), kind, text if is_known else f"{kind}: {text[:500]}"))
        sys.exit(StoppedError.exit_code if isinstance(error, StoppedError) else 1)


def _end_with_parent() -> None:
    """End this process as soon as the one that follows it has, which holds the lease."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _run(member: _Member) -> None:
    """Do this process's part of a run."""
    import torch

    from dgbench.training.runner import Runner

    n = member.request.devices
    torch.set_num_threads(member.request.threads or max(1, available_cores() // n))
    stop = StepStop(member.last_step, is_first=member.rank.is_first)
    plan = Plan(member.request)
    runner = Runner(plan, member.rank, stop=stop)
    folder = plan.folder(member.seed)
    earlier = read_record(folder) if (folder / RECORD).exists() else None
    try:
        on_step = _teller(member) if member.rank.is_first else None
        runner.run_claimed(member.seed, earlier, on_step=on_step)
    finally:
        runner.close()
        if torch.distributed.is_initialized():
            torch.distributed.destroy_process_group()


def _teller(member: _Member) -> OnStep:
    def tell(step: int, loss: float) -> None:
        member.step.value, member.loss.value = step, loss

    return tell
