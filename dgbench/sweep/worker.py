"""The process that works on runs for the local engine.

It imports nothing heavy before it begins, since threads and the GPU are set by environment
variables that libraries read as they load.
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

from dgbench.training.errors import StoppedError
from dgbench.training.stopping import stoppable

if TYPE_CHECKING:
    from dgbench.sweep.grid import Job
    from dgbench.sweep.work import Workbench

KILLED_CODE = 1


class JobEnd(NamedTuple):
    """The end of a run, in plain values, which need no import of a package that may be broken."""

    status: str
    message: str
    seconds: float


def serve(
    connection: Connection, lifeline: Connection, environment: Mapping[str, str], log: Path
) -> None:
    """Work on the jobs that come through a connection, until it is closed.

    The process has a session of its own, so that Ctrl-C reaches only the parent, which then stops
    its workers one by one. The process ends as soon as its parent does, in whatever way.
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
        with stoppable():
            _loop(connection)
    except (KeyboardInterrupt, StoppedError):
        sys.exit(KILLED_CODE)


def _end_with_parent(lifeline: Connection) -> None:
    try:
        lifeline.recv_bytes()
    except (EOFError, OSError):
        # Not sys.exit, since the main thread may be deep in a computation. The run can be resumed
        # from its last checkpoint.
        os._exit(KILLED_CODE)


def _print_into(log: Path) -> None:
    """Redirect all output of methods and libraries to a file, away from the progress bar."""
    target = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o666)
    for stream in (1, 2):
        os.dup2(target, stream)
    os.close(target)


def _loop(connection: Connection) -> None:
    """Work until the parent closes the connection, or until a run fails or is stopped.

    A failed run may leave anything behind, so that the process does not outlive it.
    """
    bench = None
    while True:
        try:
            job = connection.recv()
        except EOFError:
            return
        bench = bench or _new_bench()
        end = _work(bench, job, connection)
        connection.send(end)
        if end.status in ("failed", "interrupted"):
            return


def _new_bench() -> "Workbench":
    from dgbench.sweep.work import Workbench

    return Workbench()


def _work(bench: "Workbench", job: "Job", connection: Connection) -> JobEnd:
    from dgbench.sweep.work import failure

    start = time.perf_counter()
    try:
        bench.work(job, lambda step, _: connection.send(step))
    except Exception as error:  # a method may raise anything
        status, message = failure(error)
        return JobEnd(status, message, time.perf_counter() - start)
    return JobEnd("done", "", time.perf_counter() - start)
