"""Tables on a terminal."""

from collections.abc import Sequence

from rich.markup import escape
from rich.table import Table as RichTable

from dgbench.standings.table import Table
from dgbench.standings.writers.listing import console, listing

_NOTE_WIDTH = 100


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


def _line(table: Table, index: int) -> list[str]:
    """The row that says which part begins, in the column with names."""
    title = f"[dim]{escape(table.lines_above[index])}[/]"
    return ["" if place != table.name_column else title for place in range(len(table.heads))]


def _drawn(table: Table) -> RichTable:
    drawn = listing()
    drawn.show_header = True
    for head in table.heads:
        drawn.add_column(
            head.title.replace(" ", "\n", 1),
            justify="left" if head.is_text else "right",
            vertical="top" if head.is_text else "bottom",
        )
    for index, cells in enumerate(table.lines):
        if index in table.lines_above:
            drawn.add_section()
            drawn.add_row(*_line(table, index))
        drawn.add_row(*(escape(cell.text) for cell in cells))
    return drawn
