"""A sandbox that runs a foreign method and says what the method was kept from doing."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

import psutil

from data_gen.foundation.errors import DGBenchError
from data_gen.foundation.progress import Progress, silent
from dgbench.verification.isolation import python_paths, strictest
from dgbench.verification.limits import Limits, confined, size_of
from dgbench.verification.record import Measure

_POLL_SECONDS = 0.2
_TAIL_BYTES = 4000
_KEPT = ("PATH", "LANG", "LC_ALL", "TZ", "PYTHONPATH", "CUDA_VISIBLE_DEVICES", "SSL_CERT_FILE")
_SET = {
    "PYTHONNOUSERSITE": "1",
    "PYTHONDONTWRITEBYTECODE": "1",
    "HF_HUB_OFFLINE": "1",
    "HF_DATASETS_OFFLINE": "1",
    "MPLBACKEND": "Agg",
}


@dataclass(frozen=True, kw_only=True)
class Finished:
    """The end of a command."""

    code: int
    stopped: str
    """The limit that it went over, or empty if it ended by itself."""
    tail: str
    """The end of what it printed."""
    seconds: float


class Sandbox:
    """A folder of its own, an empty environment, limits, and if possible no network.

    Use it in a `with` statement, which removes the folder at its end.
    """

    def __init__(
        self,
        limits: Limits,
        *,
        readable: Sequence[Path] = (),
        environment: Mapping[str, str] | None = None,
        devices: bool = False,
    ) -> None:
        """`readable` adds to what Python needs to read, and `environment` adds to HOME."""
        self.limits = limits
        self.folder = Path(tempfile.mkdtemp(prefix="dgbench-verify-")).resolve()
        for name in ("home", "tmp", "cache"):
            (self.folder / name).mkdir()
        places = {place.resolve() for place in readable} | set(readable)
        self._readable = (*python_paths(), *sorted(places))
        self._devices = devices
        self._isolation = strictest(self.folder, self._readable, devices=devices)
        self._environment = {
            **{name: os.environ[name] for name in _KEPT if name in os.environ},
            **_SET,
            "HOME": str(self.folder / "home"),
            "TMPDIR": str(self.folder / "tmp"),
            "DGBENCH_CACHE": str(self.folder / "cache"),
            **(environment or {}),
        }

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)

    def run(self, command: Sequence[str], *, progress: Progress = silent) -> Finished:
        """Run a command to its end or to its first limit, and leave nothing of it running.

        `progress` is told the seconds since the command began, a few times a second.
        """
        wrapped = self._isolation.wrap(
            confined(self.limits, list(command)),
            folder=self.folder,
            readable=self._readable,
            devices=self._devices,
        )
        started = time.monotonic()
        with tempfile.TemporaryFile() as output:
            process = subprocess.Popen(  # noqa: S603  (the point of this module)
                wrapped,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                cwd=self.folder,
                env=self._environment,
                start_new_session=True,
            )
            processes: set[psutil.Process] = set()
            try:
                stopped = self._watch(process, started, processes, progress)
            finally:
                _end(process, processes)
            seconds = time.monotonic() - started
            tail = _tail(output.fileno())
        return Finished(code=process.returncode, stopped=stopped, tail=tail, seconds=seconds)

    def python(self, *arguments: str, progress: Progress = silent) -> Finished:
        """Run this Python with arguments, without searching the current folder for modules."""
        return self.run([sys.executable, "-P", *arguments], progress=progress)

    def measures(self) -> tuple[Measure, ...]:
        """Describe what a command is kept from, and by what means."""
        limits = self.limits
        of_each = (
            f"{size_of(limits.address_space)} of addresses each"
            if limits.address_space
            else "addresses unlimited, for the accelerator's driver"
        )
        watched = f"watched every {_POLL_SECONDS} s"
        return (
            *self._isolation.measures(self.folder),
            Measure(name="environment", enforced=True, how="an empty home; no other variables"),
            Measure(
                name="memory",
                enforced=True,
                how=f"{size_of(limits.memory)} over all processes, {watched}; {of_each}",
            ),
            Measure(
                name="time",
                enforced=True,
                how=f"{limits.wall_seconds:.0f} s; {limits.cpu_seconds} s of CPU each process",
            ),
            Measure(
                name="file size",
                enforced=True,
                how=f"{size_of(limits.file_size)} each; {size_of(limits.disk)} together, {watched}",
            ),
            Measure(
                name="processes",
                enforced=True,
                how=f"{limits.processes} at once, {watched}; {limits.open_files} open files each",
            ),
        )

    def read(self, path: Path, *, most: int) -> bytes:
        """Read a file that a command left in the folder. Links and oversized files are refused."""
        try:
            inside = path.resolve(strict=True).is_relative_to(self.folder)
            if not inside or path.is_symlink() or not path.is_file():
                raise DGBenchError(f"The method left something else than a file: {path.name!r}.")
            if path.stat().st_size > most:
                raise DGBenchError(f"The method left a file {path.name!r} of over {most} bytes.")
            return path.read_bytes()
        except OSError as error:
            raise DGBenchError(
                f"The training left no {path.name!r} that can be read: {error.strerror}."
            ) from error

    def _watch(
        self,
        process: subprocess.Popen[bytes],
        started: float,
        processes: set[psutil.Process],
        progress: Progress,
    ) -> str:
        """Wait until a process ends or goes over a limit, and return that limit or an empty text.

        Its children are added to `processes`.
        """
        while process.poll() is None:
            seconds = time.monotonic() - started
            progress(seconds)
            if seconds > self.limits.wall_seconds:
                return f"it took over {self.limits.wall_seconds:.0f} s"
            processes |= _family(process.pid)
            if problem := self._excess(processes):
                return problem
            time.sleep(_POLL_SECONDS)
        return ""

    def _excess(self, processes: set[psutil.Process]) -> str:
        limits = self.limits
        sizes = [size for process in processes if (size := _resident(process)) is not None]
        if sum(sizes) > limits.memory:
            return f"it took over {size_of(limits.memory)} of memory"
        if len(sizes) > limits.processes:
            return f"it started over {limits.processes} processes"
        if _disk(self.folder) > limits.disk:
            return f"it wrote over {size_of(limits.disk)}"
        return ""


def _family(pid: int) -> set[psutil.Process]:
    try:
        first = psutil.Process(pid)
        return {first, *first.children(recursive=True)}
    except psutil.NoSuchProcess:
        return set()


def _resident(process: psutil.Process) -> int | None:
    """Return the bytes in memory, or None if the process has ended."""
    try:
        return int(process.memory_info().rss)
    except psutil.Error:
        return None


def _disk(folder: Path) -> int:
    total = 0
    for place, _, names in os.walk(folder):
        for name in names:
            try:
                total += os.lstat(Path(place, name)).st_blocks * 512
            except OSError:
                continue  # it has just been removed
    return total


def _end(process: subprocess.Popen[bytes], started: set[psutil.Process]) -> None:
    """End a command and all processes that it started, even if they left its process group."""
    left = started | _family(process.pid)
    if process.poll() is None:
        with suppress(ProcessLookupError):  # it may just have ended
            os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    for survivor in left:
        try:
            survivor.kill()
        except psutil.Error:
            continue  # it has ended with the others
    psutil.wait_procs(left, timeout=5)


def _tail(file: int) -> str:
    size = os.fstat(file).st_size
    data = os.pread(file, _TAIL_BYTES, max(0, size - _TAIL_BYTES))
    text = data.decode("ascii", "replace").replace("\ufffd", "?")
    return "".join(c for c in text if c.isprintable() or c == "\n")
