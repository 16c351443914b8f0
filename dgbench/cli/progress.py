"""Progress bars of the commands: on a terminal only, and gone when the work is done."""

from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import Progress, ProgressColumn


@contextmanager
def progress(*columns: ProgressColumn, quiet: bool = False) -> Iterator[Progress]:
    """A bar of these columns on stderr; disabled if stderr is no terminal or `quiet` is asked."""
    console = Console(stderr=True)
    is_shown = console.is_terminal and not quiet
    with Progress(*columns, console=console, transient=True, disable=not is_shown) as bar:
        yield bar
