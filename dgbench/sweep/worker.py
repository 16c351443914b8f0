"""The process that works on runs for the local engine; nothing heavy is imported before it begins.

Threads and the GPU are set by environment variables that libraries read as they load.
"""

import os
import signal
import sys
import threading
import time
from collections.abc import Mapping
from multiprocessing.connection import Connection
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from dgbench.sweep.grid import Job
    from dgbench.sweep.work import Workbench

KILLED_CODE = 1


class End(NamedTuple):
    """How the run at hand ended; in plain values, since a broken package cannot be imported."""

    status: str
    message: str
    seconds: float


def serve(
    connection: Connection, lifeline: Connection, environment: Mapping[str, str], log: Path
) -> None:
    """Work on whatever comes through the connection, until it is closed.

    The process has a session of its own, so that Ctrl-C reaches the parent alone, which then stops
    its workers one by one. It ends by itself as soon as the parent is gone, however that ended.
    """
    # A shell that starts a sweep in the background lets its children ignore Ctrl-C.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    if sys.platform != "win32":
        os.setsid()
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
    threading.Thread(target=_end_with_parent, args=(lifeline,), daemon=True).start()
    os.environ.update(environment)
    _print_into(log)
    try:
        _loop(connection)
    except KeyboardInterrupt:
        sys.exit(KILLED_CODE)


def _end_with_parent(lifeline: Connection) -> None:
    try:
        lifeline.recv_bytes()
    except (EOFError, OSError):
        # Not sys.exit: the main thread may be deep in a computation. The run goes on from its last
        # checkpoint another time.
        os._exit(KILLED_CODE)


def _print_into(log: Path) -> None:
    """Whatever methods and libraries print goes to a file, where it disturbs no progress bar."""
    target = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o666)
    for stream in (1, 2):
        os.dup2(target, stream)
    os.close(target)


def _loop(connection: Connection) -> None:
    """Until the parent hangs up, or after a failure: what a failed run left behind is not known."""
    bench = None
    while True:
        try:
            job = connection.recv()
        except EOFError:
            return
        bench = bench or _new_bench()
        end = _one(bench, job, connection)
        connection.send(end)
        if end.status == "failed":
            return


def _new_bench() -> "Workbench":
    from dgbench.sweep.work import Workbench

    return Workbench()


def _one(bench: "Workbench", job: "Job", connection: Connection) -> End:
    from dgbench.sweep.work import failure

    start = time.perf_counter()
    try:
        bench.work(job, lambda step, _: connection.send(step))
    except Exception as error:  # a method may raise anything; it is kept in the record and told
        status, message = failure(error)
        return End(status, message, time.perf_counter() - start)
    return End("done", "", time.perf_counter() - start)
