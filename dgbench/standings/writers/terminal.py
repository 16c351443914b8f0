"""Tables on a terminal."""

from collections.abc import Sequence

from rich.console import Console
from rich.markup import escape
from rich.table import Table as RichTable

from dgbench.standings.table import Table

_PIPE_WIDTH = 200
"""Characters of a line in a pipe, where a table that is cut off could not be read."""
_NOTE_WIDTH = 100


def console() -> Console:
    """The standard output, with lines in a pipe that are long enough for every table."""
    terminal = Console(highlight=False)
    return terminal if terminal.is_terminal else Console(highlight=False, width=_PIPE_WIDTH)


def listing(*heads: str, right: Sequence[str] = ()) -> RichTable:
    """An empty table in the style of the command line, with the heads in `right` over numbers."""
    table = RichTable(box=None, padding=(0, 2, 0, 0), header_style="bold", show_header=any(heads))
    for head in heads:
        table.add_column(head, justify="right" if head in right else "left")
    return table


def print_tables(tables: Sequence[Table]) -> None:
    """All tables below each other, each with its title and its notes."""
    screen = console()
    for table in tables:
        screen.print(f"\n[bold cyan]{escape(table.title)}[/]\n")
        screen.print(_drawn(table))
        if table.notes:
            screen.print()
        for note in table.notes:
            screen.print(f"[dim]{escape(note)}[/]", width=min(screen.width, _NOTE_WIDTH))


def _drawn(table: Table) -> RichTable:
    drawn = listing()
    drawn.show_header = True
    for head in table.heads:
        drawn.add_column(
            head.title.replace(" ", "\n", 1),
            justify="left" if head.is_text else "right",
            vertical="top" if head.is_text else "bottom",
        )
    for cells in table.lines:
        drawn.add_row(*(escape(cell.text) for cell in cells))
    return drawn
