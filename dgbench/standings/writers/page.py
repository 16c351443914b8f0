"""Tables as HTML pages that load nothing: no script, no other file, no network."""

from collections.abc import Iterator, Sequence
from html import escape

from dgbench.standings.table import Cell, Head, Table

_POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
"""A browser that holds to it loads nothing and runs nothing, whatever names are in the page."""


def page(title: str, body: str, *, style: str) -> str:
    """Write a whole page around a body of HTML."""
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">'
        '<meta name="color-scheme" content="light dark">'
        f"<title>{escape(title)}</title><style>{style}</style></head><body><main>"
        f"{body}</main></body></html>\n"
    )


def html_table(table: Table) -> str:
    """Write a table that scrolls sideways and tell its title to screen readers."""
    head = "".join(map(_head, table.heads))
    body = "\n".join(_lines(table))
    title = escape(table.title)
    return (
        f'<div class="scroll" tabindex="0" role="region" aria-label="{title}"><table>'
        f"<caption class=hidden>{title}</caption><thead><tr>{head}</tr></thead>\n"
        f"<tbody>{body}</tbody></table></div>"
    )


def _lines(table: Table) -> Iterator[str]:
    for index, cells in enumerate(table.lines):
        if index in table.lines_above:
            title = escape(table.lines_above[index])
            yield f'<tr class="part"><th scope="rowgroup" colspan="{len(cells)}">{title}</th></tr>'
        yield f"<tr>{_line(cells, table.heads)}</tr>"


def _head(head: Head) -> str:
    told = f' title="{escape(head.help)}"' if head.help else ""
    return f'<th scope="col" class="{_kind(head)}"{told}>{escape(head.title)}</th>'


def _line(cells: Sequence[Cell], heads: Sequence[Head]) -> str:
    return "".join(_cell(cell, head) for cell, head in zip(cells, heads, strict=True))


def _cell(cell: Cell, head: Head) -> str:
    tag = "th" if head.is_name else "td"
    scope = ' scope="row"' if head.is_name else ""
    kinds = f"{_kind(head)} {cell.emphasis}".strip()
    text = escape(cell.text)
    if cell.link:
        text = f'<a href="{escape(cell.link)}">{text}</a>'
    if cell.bar:
        text += _bar(*cell.bar)
    note = f'<br><span class="small">{escape(cell.note)}</span>' if cell.note else ""
    return f'<{tag}{scope} class="{kinds}">{text}{note}</{tag}>'


def _bar(low: float, high: float) -> str:
    """The interval drawn within 0 to 1, at least a hair wide."""
    left = 100 * min(max(low, 0.0), 0.99)
    width = max(1.0, 100 * min(max(high, 0.0), 1.0) - left)
    return f'<span class="bar"><i style="left:{left:.1f}%;width:{width:.1f}%"></i></span>'


def _kind(head: Head) -> str:
    return "method" if head.is_name else "text" if head.is_text else "number"
