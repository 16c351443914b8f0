"""Reference results that are installed: folders of run folders, found by entry point."""

from collections.abc import Iterator
from importlib import import_module
from importlib.metadata import entry_points
from pathlib import Path

from data_gen.foundation.errors import DGBenchError, UsageError
from data_gen.registry import owner_of

RESULTS_GROUP = "dgbench.results"
"""Each entry point names a package whose folder holds run folders."""
ABSENT = (
    "The reference results are not installed: `pip install ./baselines/results` in a clone of "
    "dgbench installs them."
)


def result_folders() -> Iterator[Path]:
    """The folders in which installed packages keep results, by the name of the entry point."""
    for point in sorted(entry_points(group=RESULTS_GROUP), key=lambda point: point.name):
        try:
            folder = Path(import_module(point.value).__path__[0])
        except Exception as error:  # foreign code may raise anything, so it is named, not hidden
            raise DGBenchError(
                f"{owner_of(point)} registers results in {point.value!r}, but importing that "
                f"package failed with {type(error).__name__}: {error}. Repair or uninstall it."
            ) from error
        yield folder


def reference_folders() -> list[Path]:
    """The same folders. Raises UsageError, which says what to install, if nothing is installed."""
    folders = list(result_folders())
    if not folders:
        raise UsageError(ABSENT)
    return folders
