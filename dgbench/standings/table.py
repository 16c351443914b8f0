"""A table of results as text, ready to be written in any format."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal, NamedTuple, TypeVar

from dgbench.standings.columns import Column

Row = TypeVar("Row")
Emphasis = Literal["", "first", "warn"]
"""`first` for the first tier, `warn` for what a reader should not miss."""


class Head(NamedTuple):
    """The head of a column."""

    title: str
    help: str = ""
    is_text: bool = False
    """Text begins at the left, numbers end at the right."""
    is_name: bool = False
    """Whether the column names its rows."""


class Cell(NamedTuple):
    """One place of a table."""

    text: str
    emphasis: Emphasis = ""
    note: str = ""
    """Small print below the text, on pages only."""
    link: str = ""
    """An address within the folder of a page."""
    bar: tuple[float, float] | None = None
    """Ends of an interval between 0 and 1 that pages draw."""


@dataclass(frozen=True, kw_only=True)
class Table:
    """A table with its title and what a reader needs to know."""

    title: str
    heads: tuple[Head, ...]
    lines: tuple[tuple[Cell, ...], ...]
    """As many cells as heads in each."""
    notes: tuple[str, ...] = ()
    """A sentence each."""
    lines_above: Mapping[int, str] = field(default_factory=dict)
    """By the index of a line, the title of the part that begins there."""

    @property
    def name_column(self) -> int:
        """The index of the column that names its rows, or else of the first one with text."""
        named = [index for index, head in enumerate(self.heads) if head.is_name]
        texts = [index for index, head in enumerate(self.heads) if head.is_text]
        return [*named, *texts, 0][0]


def head_of(column: Column[Row]) -> Head:
    """The head of a column: its title, its explanation, and how it is aligned."""
    return Head(column.title, column.help, is_text=column.kind in ("text", "interval"))


def table_of(
    rows: Sequence[Row],
    columns: Sequence[Column[Row]],
    *,
    title: str,
    notes: Sequence[str] = (),
    lines_above: Mapping[int, str] = MappingProxyType({}),
) -> Table:
    """A table with a line for each row, without emphasis and small print."""
    return Table(
        title=title,
        heads=tuple(map(head_of, columns)),
        lines=tuple(tuple(Cell(column.text(row)) for column in columns) for row in rows),
        notes=tuple(notes),
        lines_above=lines_above,
    )
