"""The lease of a run folder: which process works on the run, for as long as it says so.

A process that works touches the file every few seconds. On its own machine it can be looked up;
elsewhere (another host, another container) nothing but these touches says that it lives, so that a
lease which nobody renews ends by itself.
"""

import json
import os
import secrets
import socket
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import NamedTuple

from data_gen.foundation.errors import DGBenchError
from data_gen.foundation.files import draft_of, write_once

LEASE = "at-work.json"
"""The file in the run folder. It is gone once the session has ended by itself."""
BEAT_SECONDS = 5.0
LEASE_SECONDS = 30.0
"""Without a touch for so long, a process that cannot be looked up has ended."""
_LONG_AGO_SECONDS = 600.0
"""An age that no two clocks of a cluster differ by."""
CLOCK_SECONDS = 2.0
"""By how much two readings of the time at which a process began may differ."""
_SETTLING_SECONDS = 0.5


@dataclass(frozen=True)
class Holder:
    """The process that holds a lease."""

    host: str
    pid: int
    place: str
    """Where its number means something, see `_this_place`."""
    created: float
    """When the process began, since another one may get its number later."""
    token: str

    @property
    def name(self) -> str:
        """The process, as a sentence names it."""
        return f"process {self.pid} on {self.host}"

    @property
    def is_this_process(self) -> bool:
        """Whether this process itself holds the lease."""
        return self.place == _this_place() and self.pid == os.getpid()


class _Look(NamedTuple):
    """A holder, and when it touched the file."""

    holder: Holder
    touched: int
    """In nanoseconds, by the clock of the file server."""


class Lease:
    """A lease that this process holds until it releases it, and renews in a thread meanwhile."""

    def __init__(self, folder: Path, holder: Holder) -> None:
        """Begin to renew the lease of `folder`, which `claim` has written."""
        self._path = folder / LEASE
        self._holder = holder
        self._is_over = threading.Event()
        self._is_lost = False
        self._thread = threading.Thread(target=self._renew, daemon=True)
        self._thread.start()

    def check(self) -> None:
        """Raise DGBenchError if another process has taken the run over."""
        if self._is_lost:
            raise DGBenchError(
                f"{str(self._path.parent)!r} was taken over by another process, or removed, while "
                "this one did not answer. The other one goes on with the run."
            )

    def release(self) -> None:
        """End the lease, so that others need not wait."""
        self._is_over.set()
        self._thread.join()
        if not self._is_lost:
            self._path.unlink(missing_ok=True)

    def _renew(self) -> None:
        while not self._is_over.wait(BEAT_SECONDS):
            if _token(self._path) != self._holder.token:
                self._is_lost = True
                return
            # The time is the file server's, and no space on the disk is needed.
            with suppress(OSError):
                os.utime(self._path)


def claim(folder: Path) -> Lease:
    """Take the lease of a run folder that nobody holds.

    Raises DGBenchError if another process was faster.
    """
    holder = _this_holder()
    text = json.dumps(asdict(holder)).encode()
    path = folder / LEASE
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with suppress(PermissionError, NotImplementedError):  # a file system without links
            write_once(path, text, mode=0o666)
        if _token(path) != holder.token:
            if holder_of(folder) is not None:
                raise DGBenchError(_too_late(folder))
            # One that has ended. Of several processes that replace it, the last one has it.
            with draft_of(path, is_shared=True, is_durable=False) as draft:
                draft.write_bytes(text)
            time.sleep(_SETTLING_SECONDS)
    except OSError as error:
        raise DGBenchError(f"Cannot write {str(path)!r}: {error.strerror}.") from error
    if _token(path) != holder.token:
        raise DGBenchError(_too_late(folder))
    return Lease(folder, holder)


def _token(path: Path) -> str | None:
    look = _look(path)
    return None if look is None else look.holder.token


def _too_late(folder: Path) -> str:
    return f"{str(folder)!r}: another process began to work on this run at the same moment."


def holder_of(folder: Path) -> Holder | None:
    """The process that holds the lease of a folder now, as far as a single look can tell."""
    look = _look(folder / LEASE)
    if look is None:
        return None
    holder, touched = look
    if holder.place == _this_place():
        return holder if _is_alive(holder) else None
    return holder if time.time() - touched / 1e9 < LEASE_SECONDS else None


def holder_after_waiting(
    folder: Path, waiting: Callable[[Holder], None] = lambda _: None
) -> Holder | None:
    """The process that holds the lease of a folder, after watching it for a sign of life.

    Clocks of two machines differ, so that the age of a touch decides nothing by itself. `waiting`
    is told once whom this function waits for.
    """
    look = _look(folder / LEASE)
    if look is None:
        return None
    holder, touched = look
    if holder.place == _this_place():
        return holder if _is_alive(holder) else None
    if time.time() - touched / 1e9 > _LONG_AGO_SECONDS:
        return None
    waiting(holder)
    deadline = time.monotonic() + LEASE_SECONDS
    while time.monotonic() < deadline:
        time.sleep(min(1.0, LEASE_SECONDS / 10))
        later = _look(folder / LEASE)
        if later is None:
            return None
        if later != look:
            return later.holder
    return None


def _look(path: Path) -> _Look | None:
    """Read a lease and the time of its last touch, or return None without a lease."""
    try:
        # Opened first: file systems on a network answer from memory otherwise.
        with path.open(encoding="utf-8") as stream:
            touched = os.fstat(stream.fileno()).st_mtime_ns
            return _Look(Holder(**json.load(stream)), touched)
    except (OSError, ValueError, TypeError):
        return None


def _this_holder() -> Holder:
    import psutil

    return Holder(
        host=socket.gethostname(),
        pid=os.getpid(),
        place=_this_place(),
        created=psutil.Process().create_time(),
        token=secrets.token_hex(8),
    )


@cache
def _this_place() -> str:
    """The system and the numbering of processes in it. Two containers of one name differ."""
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
        return f"{boot}/{Path('/proc/self/ns/pid').stat().st_ino}"
    except OSError:
        return socket.gethostname()


def creation_of(pid: int) -> float | None:
    """The time at which a living process of this machine began, or None for a dead one."""
    import psutil

    try:
        process = psutil.Process(pid)
        return None if process.status() == psutil.STATUS_ZOMBIE else float(process.create_time())
    except psutil.NoSuchProcess:
        return None


def _is_alive(holder: Holder) -> bool:
    created = creation_of(holder.pid)
    return created is not None and abs(created - holder.created) <= CLOCK_SECONDS
