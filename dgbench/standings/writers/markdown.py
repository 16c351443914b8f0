"""Tables as Markdown."""

from collections.abc import Sequence

from dgbench.standings.table import Head, Table


def markdown(tables: Sequence[Table]) -> str:
    """All tables below each other, each with its title and its notes."""
    return "\n".join(map(_block, tables))


def _block(table: Table) -> str:
    title = _row([head.title for head in table.heads])
    body = []
    for index, cells in enumerate(table.lines):
        if index in table.lines_above:
            titles = [""] * len(cells)
            titles[table.name_column] = f"*{escaped(table.lines_above[index])}*"
            body.append(f"| {' | '.join(titles)} |")
        body.append(_row([cell.text for cell in cells]))
    rule = f"| {' | '.join(map(_rule, table.heads))} |"
    lines = "\n".join([title, rule, *body])
    parts = [f"**{table.title}**", lines, escaped(" ".join(table.notes))]
    return "\n\n".join(part for part in parts if part) + "\n"


def _row(texts: Sequence[str]) -> str:
    return f"| {' | '.join(map(escaped, texts))} |"


def _rule(head: Head) -> str:
    return "---" if head.is_text else "---:"


def escaped(text: str) -> str:
    """A text that neither ends a cell nor begins emphasis."""
    return text.replace("|", "\\|").replace("*", "\\*")
