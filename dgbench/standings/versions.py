"""Notes on results of an older version of a benchmark."""

from functools import lru_cache

from data_gen.spec_files import successors


def newer_version(benchmark: str) -> str | None:
    """The version that a board asks for, if a benchmark's full name is that of an older one."""
    return _successors().get(benchmark)


@lru_cache(maxsize=1)
def _successors() -> dict[str, str]:
    """Those that were installed when the process began."""
    return successors()


def older_version_note(benchmark: str) -> str | None:
    """Say which version a board asks for, or None for the newest version of a benchmark.

    Example:
        >>> older_version_note("mnist-ladder@1")
        'mnist-ladder@1 is an older version: the board asks for mnist-ladder@2.'
        >>> older_version_note("mnist-ladder@2") is None
        True
    """
    newer = newer_version(benchmark)
    return newer and f"{benchmark} is an older version: the board asks for {newer}."
