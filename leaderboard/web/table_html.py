"""A table of results as HTML, with links in its first column."""

from collections.abc import Mapping

from dgbench.standings.table import Cell, Head, Table
from leaderboard.web.tags import Html, scrolled, tag


def table_html(table: Table, *, links: Mapping[str, Html]) -> Html:
    """Draw a table. `links` gives what stands for the text of some names."""
    body: list[Html] = []
    for index, cells in enumerate(table.lines):
        if index in table.lines_above:
            head = tag("th", table.lines_above[index], colspan=len(cells), scope="rowgroup")
            body.append(tag("tr", head, class_="part"))
        row = (_cell(cell, head, links) for cell, head in zip(cells, table.heads, strict=True))
        body.append(tag("tr", *row))
    drawn = tag(
        "table",
        tag("caption", table.title, class_="hidden"),
        tag("thead", tag("tr", *map(_head, table.heads))),
        tag("tbody", *body),
    )
    return scrolled(drawn, title=table.title)


def _head(head: Head) -> Html:
    kind = "name" if head.is_name else "text" if head.is_text else None
    return tag("th", head.title, class_=kind, scope="col", title=head.help or None)


def _cell(cell: Cell, head: Head, links: Mapping[str, Html]) -> Html:
    if head.is_name:
        name = tag("span", links.get(cell.text, cell.text), class_="method")
        return tag("th", name, class_="name", scope="row")
    return tag("td", cell.text, class_="text" if head.is_text else None)
