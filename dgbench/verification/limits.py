"""Limits of a confined process, and the program that sets them for itself."""

import json
import os
import sys
from dataclasses import asdict, dataclass

from dgbench.submission.isolated.limits import set_limits

GIB = 2**30


@dataclass(frozen=True, kw_only=True)
class Limits:
    """Limits of one training. Sizes are in bytes, times in seconds."""

    wall_seconds: float = 3600.0
    memory: int = 8 * GIB
    """Resident memory of all its processes together."""
    address_space: int | None = 16 * GIB
    """Of each process. It exceeds what a process uses, since libraries are mapped whole. None for
    an accelerator, whose driver reserves more than any machine has."""
    cpu_seconds: int = 4 * 3600
    """Of each process, over all its threads."""
    file_size: int = 2 * GIB
    """Of each file that it writes."""
    disk: int = 4 * GIB
    """Of all files in its folder."""
    open_files: int = 1024
    processes: int = 64
    """At the same time."""


def size_of(n: int) -> str:
    """Write a number of bytes in GiB or MiB."""
    return f"{n / GIB:.3g} GiB" if n >= GIB else f"{n / 2**20:.3g} MiB"


def take(limits: Limits) -> None:
    """Set the limits that the kernel keeps for this process and its children."""
    import resource

    limit_of_resource = {
        resource.RLIMIT_CPU: limits.cpu_seconds,
        resource.RLIMIT_FSIZE: limits.file_size,
        resource.RLIMIT_NOFILE: limits.open_files,
        resource.RLIMIT_CORE: 0,
    }
    if limits.address_space is not None:
        limit_of_resource[resource.RLIMIT_AS] = limits.address_space
    set_limits(limit_of_resource)


def confined(limits: Limits, command: list[str]) -> list[str]:
    """Wrap a command so that it runs under these limits."""
    return [sys.executable, "-P", "-m", __name__, json.dumps(asdict(limits)), *command]


def main(arguments: list[str]) -> None:
    """Set the limits in the first argument, then become the command that follows."""
    take(Limits(**json.loads(arguments[0])))
    os.execv(arguments[1], arguments[1:])  # noqa: S606  (the point of this module)


if __name__ == "__main__":
    main(sys.argv[1:])
