"""Tables as Markdown."""

from collections.abc import Sequence

from dgbench.standings.table import Head, Table


def markdown(tables: Sequence[Table]) -> str:
    """All tables below each other, each with its title and its notes."""
    return "\n".join(map(_block, tables))


def _block(table: Table) -> str:
    rows = [
        [head.title for head in table.heads],
        *([cell.text for cell in cells] for cells in table.lines),
    ]
    title, *body = (f"| {' | '.join(map(escaped, row))} |" for row in rows)
    rule = f"| {' | '.join(map(_rule, table.heads))} |"
    lines = "\n".join([title, rule, *body])
    notes = escaped(" ".join(table.notes))
    return f"**{table.title}**\n\n{lines}\n\n{notes}\n"


def _rule(head: Head) -> str:
    return "---" if head.is_text else "---:"


def escaped(text: str) -> str:
    """A text that neither ends a cell nor begins emphasis."""
    return text.replace("|", "\\|").replace("*", "\\*")
