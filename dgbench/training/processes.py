"""One run on several devices, with a process for each that this process follows."""

import multiprocessing
import sys
import time
from dataclasses import dataclass, replace
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from typing import Any

from data_gen.foundation.errors import DGBenchError, UsageError
from data_gen.workers import available_cores
from dgbench.results.folder import read_record
from dgbench.results.record import RunRecord
from dgbench.training.callbacks import OnStep
from dgbench.training.errors import DivergedError
from dgbench.training.plan import Plan, Request
from dgbench.training.rendezvous import ProcessRank, free_port
from dgbench.training.sessions import prepare

_POLL_SECONDS = 0.1
_GRACE_SECONDS = 20.0
"""How long the other processes may take to end after one has failed, or after Ctrl-C."""


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


def run_on_several(plan: Plan, seed: int, *, on_step: OnStep | None = None) -> RunRecord:
    """Train one seed with a process for each device.

    The first process evaluates and writes the run folder.
    """
    earlier = prepare(plan, seed)
    if earlier is not None and earlier.status == "done":
        return earlier
    context = multiprocessing.get_context("spawn")
    step, loss = context.Value("q", 0), context.Value("d", 0.0)
    request = replace(plan.request, force=False, resume=True)
    port = free_port()
    processes: list[BaseProcess] = []
    connections: list[Connection] = []
    for rank in range(request.devices):
        receive, send = context.Pipe(duplex=False)
        place = ProcessRank(rank, request.devices, port)
        member = _Member(request, seed, place, step, loss)
        processes.append(context.Process(target=_work, args=(member, send), daemon=False))
        connections.append(receive)
        processes[-1].start()
        send.close()
    try:
        _follow(processes, step, loss, on_step)
    finally:
        _end(processes)
    _raise_first(connections, processes)
    return read_record(plan.folder(seed))


def _follow(processes: list[BaseProcess], step: Any, loss: Any, on_step: OnStep | None) -> None:
    """Report progress until all processes are done or one has failed."""
    while any(process.is_alive() for process in processes):
        if any(process.exitcode not in (None, 0) for process in processes):
            return
        if on_step is not None:
            on_step(step.value, loss.value)
        time.sleep(_POLL_SECONDS)


def _end(processes: list[BaseProcess]) -> None:
    """Give the first process time to write its record, then end all that still run."""
    deadline = time.monotonic() + _GRACE_SECONDS
    for process in processes:
        if any(other.exitcode not in (None, 0) for other in processes) and process.is_alive():
            process.join(max(0.0, min(2.0, deadline - time.monotonic())))
            process.terminate()
        process.join(max(0.0, deadline - time.monotonic()))
        if process.is_alive():
            process.kill()
            process.join()


def _raise_first(connections: list[Connection], processes: list[BaseProcess]) -> None:
    """Raise the first failure, since the processes that failed later only lost a peer."""
    messages = [_message(connection) for connection in connections]
    failures = [message for message in messages if message is not None]
    kinds = {"UsageError": UsageError, "DGBenchError": DGBenchError, "DivergedError": DivergedError}
    for failure in sorted(failures, key=lambda failure: failure.time):
        if failure.kind == "KeyboardInterrupt":
            raise KeyboardInterrupt
        raise kinds.get(failure.kind, DGBenchError)(failure.message)
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
    try:
        import torch

        from dgbench.training.runner import Runner

        n = member.request.devices
        torch.set_num_threads(member.request.threads or max(1, available_cores() // n))
        runner = Runner(Plan(member.request), member.rank)
        try:
            runner.run(member.seed, on_step=_teller(member) if member.rank.is_first else None)
        finally:
            runner.close()
            if torch.distributed.is_initialized():
                torch.distributed.destroy_process_group()
    except BaseException as error:
        text = " ".join(str(error).split())
        is_known = isinstance(error, DGBenchError | KeyboardInterrupt)
        kind = type(error).__name__
        send.send(_Failure(time.time(), kind, text if is_known else f"{kind}: {text[:500]}"))
        sys.exit(1)


def _teller(member: _Member) -> OnStep:
    def tell(step: int, loss: float) -> None:
        member.step.value, member.loss.value = step, loss

    return tell
