"""Listings on a terminal, apart from tables of results, which take longer to import."""

from collections.abc import Sequence

from rich.console import Console
from rich.table import Table

_PIPE_WIDTH = 200
"""Characters of a line in a pipe, where a table that is cut off could not be read."""


def console() -> Console:
    """The standard output, with lines in a pipe that are long enough for every table."""
    terminal = Console(highlight=False)
    return terminal if terminal.is_terminal else Console(highlight=False, width=_PIPE_WIDTH)


def listing(*heads: str, right: Sequence[str] = ()) -> Table:
    """An empty table in the style of the command line, with the heads in `right` over numbers."""
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="bold", show_header=any(heads))
    for head in heads:
        table.add_column(head, justify="right" if head in right else "left")
    return table
