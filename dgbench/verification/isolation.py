"""Ways to cut a process off from network and files, from the strictest to the weakest."""

import json
import shutil
import subprocess
import sys
from abc import ABC, abstractmethod
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import ClassVar

from typing_extensions import override

from dgbench.verification.record import Measure

_SYSTEM = ("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64")
_SYSTEM_FILES = ("/etc/ld.so.cache", "/etc/alternatives", "/etc/localtime", "/sys")
_PROBE_SECONDS = 60.0
_PYTHON = (sys.executable, "-P", "-c")


class Isolation(ABC):
    """One way to cut a process off."""

    program: ClassVar[str]
    """The program that must be installed, or empty."""

    @abstractmethod
    def wrap(
        self, command: Sequence[str], *, folder: Path, readable: Sequence[Path], devices: bool
    ) -> list[str]:
        """Wrap a command so that it may only write `folder`, read `readable` and use `devices`."""

    @abstractmethod
    def measures(self, folder: Path) -> tuple[Measure, ...]:
        """Describe what it keeps a process from."""


class Bubblewrap(Isolation):
    """Namespaces of its own for everything, and only the files that training needs."""

    program = "bwrap"

    @override
    def wrap(
        self, command: Sequence[str], *, folder: Path, readable: Sequence[Path], devices: bool
    ) -> list[str]:
        start = [self.program, "--unshare-all", "--die-with-parent", "--new-session"]
        start += ["--cap-drop", "ALL", "--proc", "/proc", "--tmpfs", "/tmp"]  # noqa: S108  (an empty one of its own)
        start += ["--dev-bind", "/dev", "/dev"] if devices else ["--dev", "/dev"]
        for place in map(Path, (*_SYSTEM, *_SYSTEM_FILES)):
            if place.is_symlink() and place.is_dir():
                start += ["--symlink", str(place.readlink()), str(place)]
            elif place.exists():
                start += ["--ro-bind", str(place), str(place)]
        for place in _outermost(readable):
            start += ["--ro-bind", str(place), str(place)]
        for place in private_folders():
            if any(place.is_relative_to(other) for other in readable):
                start += ["--tmpfs", str(place)]
        start += ["--bind", str(folder), str(folder), "--chdir", str(folder)]
        return [*start, "--", *command]

    @override
    def measures(self, folder: Path) -> tuple[Measure, ...]:
        return (
            Measure(name="network", enforced=True, how="a network namespace without a way out"),
            Measure(
                name="files",
                enforced=True,
                how="writes within its own folder only; sees the system's libraries, this Python "
                "and the data, read-only, and nothing else (bubblewrap)",
            ),
        )


class Unshare(Isolation):
    """Namespaces of its own for network and processes. Files stay as they are."""

    program = "unshare"

    @override
    def wrap(
        self, command: Sequence[str], *, folder: Path, readable: Sequence[Path], devices: bool
    ) -> list[str]:
        options = ["--user", "--map-current-user", "--net", "--pid", "--fork", "--kill-child"]
        return [self.program, *options, "--", *command]

    @override
    def measures(self, folder: Path) -> tuple[Measure, ...]:
        return (
            Measure(name="network", enforced=True, how="a network namespace without a way out"),
            Measure(
                name="files",
                enforced=False,
                how="unshare hides no files; where bubblewrap is installed and allowed, it does",
            ),
        )


class Bare(Isolation):
    """Nothing but limits, for machines that offer neither of the others."""

    program = ""

    @override
    def wrap(
        self, command: Sequence[str], *, folder: Path, readable: Sequence[Path], devices: bool
    ) -> list[str]:
        return list(command)

    @override
    def measures(self, folder: Path) -> tuple[Measure, ...]:
        why = "neither bubblewrap nor unshare is installed and allowed here"
        return (
            Measure(name="network", enforced=False, how=why),
            Measure(name="files", enforced=False, how=why),
        )


ISOLATIONS: tuple[Isolation, ...] = (Bubblewrap(), Unshare(), Bare())
"""From the strictest to the weakest."""


def strictest(folder: Path, readable: Sequence[Path], *, devices: bool) -> Isolation:
    """Find the strictest isolation in which this Python can still open dgbench."""
    probe = [*_PYTHON, "import dgbench.registry"]
    for isolation in ISOLATIONS[:-1]:
        if shutil.which(isolation.program) is None:
            continue
        command = isolation.wrap(probe, folder=folder, readable=readable, devices=devices)
        try:
            done = subprocess.run(  # noqa: S603  (our own command)
                command, capture_output=True, timeout=_PROBE_SECONDS, check=False, cwd=folder
            )
        except (OSError, subprocess.TimeoutExpired):
            continue
        if done.returncode == 0:
            return isolation
    return ISOLATIONS[-1]


@cache
def python_paths() -> tuple[Path, ...]:
    """Return the paths that a fresh interpreter reads: its own files, and those of packages."""
    shown = subprocess.run(  # noqa: S603  (our own command)
        [*_PYTHON, "import json, sys; print(json.dumps(sys.path))"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    places = [sys.prefix, sys.base_prefix, *json.loads(shown)]
    paths = {Path(place) for place in places if place} | {Path(sys.executable).resolve().parent}
    return tuple(sorted(path for path in paths if path.exists()))


def private_folders() -> tuple[Path, ...]:
    """Return the folders of the user's keys and submissions, which no method should see."""
    from platformdirs import user_config_path, user_data_path

    own = (user_config_path("dgbench", appauthor=False), user_data_path("dgbench", appauthor=False))
    return tuple(place for place in (*own, Path.home() / ".ssh") if place.is_dir())


def _outermost(places: Sequence[Path]) -> list[Path]:
    """Leave out places within another one or within the system's."""
    kept: list[Path] = [Path(system) for system in _SYSTEM]
    for place in sorted(places, key=lambda place: len(place.parts)):
        if not any(place.is_relative_to(other) for other in kept):
            kept.append(place)
    return kept[len(_SYSTEM) :]
