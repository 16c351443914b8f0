"""Limits that a process sets itself before it reads what a stranger wrote."""

from collections.abc import Mapping
from pathlib import Path

_FILES = 64
"""Open files: libraries open a few of their own."""


def apply_limits(limits: Mapping[str, int]) -> None:
    """Bound memory, processor time and files, as far as the system can."""
    try:
        import resource
    except ImportError:  # Windows has none; the time limit of the parent still holds
        return
    wanted = {
        resource.RLIMIT_CPU: limits["cpu_seconds"],
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_FSIZE: 0,
        resource.RLIMIT_NOFILE: _FILES,
    }
    now = _address_space(resource.getpagesize())
    if now is not None:
        wanted[resource.RLIMIT_AS] = now + limits["memory_bytes"]
    for what, most in wanted.items():
        _, hard = resource.getrlimit(what)
        value = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(what, (value, value))


def _address_space(page: int) -> int | None:
    """Bytes of address space that the process has, where the system tells."""
    try:
        return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0]) * page
    except (OSError, ValueError, IndexError):
        return None
