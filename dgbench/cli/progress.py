"""Progress bars of the commands, which are shown on a terminal while the work goes on."""

from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import Progress, ProgressColumn


@contextmanager
def progress(*columns: ProgressColumn, quiet: bool = False) -> Iterator[Progress]:
    """Show a bar with these columns on stderr, if that is a terminal and `quiet` is not set."""
    console = Console(stderr=True)
    is_shown = console.is_terminal and not quiet
    with Progress(*columns, console=console, transient=True, disable=not is_shown) as bar:
        yield bar
