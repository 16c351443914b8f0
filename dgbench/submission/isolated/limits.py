"""Limits that a process sets for itself before it reads a stranger's file."""

from collections.abc import Mapping
from pathlib import Path

_FILES = 64
"""Largest number of open files. Libraries open a few of their own."""


def apply_limits(limits: Mapping[str, int]) -> None:
    """Limit memory, processor time and files, as far as the system supports it."""
    try:
        import resource
    except ImportError:  # Windows lacks it, but the parent's time limit still holds
        return
    limit_of_resource = {
        resource.RLIMIT_CPU: limits["cpu_seconds"],
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_FSIZE: 0,
        resource.RLIMIT_NOFILE: _FILES,
    }
    in_use = _address_space(resource.getpagesize())
    if in_use is not None:
        limit_of_resource[resource.RLIMIT_AS] = in_use + limits["memory_bytes"]
    set_limits(limit_of_resource)


def set_limits(limit_of_resource: Mapping[int, int]) -> None:
    """Set limits of this process and its children, none of them above the limit that it has."""
    import resource

    for kind, limit in limit_of_resource.items():
        _, hard = resource.getrlimit(kind)
        value = limit if hard == resource.RLIM_INFINITY else min(limit, hard)
        resource.setrlimit(kind, (value, value))


def _address_space(page: int) -> int | None:
    """Return the process's address space in bytes, or None if the system does not report it."""
    try:
        return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0]) * page
    except (OSError, ValueError, IndexError):
        return None
