"""Tables as LaTeX for the package booktabs."""

from collections.abc import Iterator, Sequence

from dgbench.standings.table import Cell, Table

_ESCAPES = {
    "\\": r"\textbackslash{}", "{": r"\textbraceleft{}", "}": r"\textbraceright{}",
    "$": r"\$", "&": r"\&", "#": r"\#", "%": r"\%", "_": r"\_",
    "^": r"\textasciicircum{}", "~": r"\textasciitilde{}",
    "<": r"\textless{}", ">": r"\textgreater{}", "|": r"\textbar{}", '"': r"{\char34}",
    "[": "{[}", "]": "{]}",
}  # fmt: skip
"""In every font encoding.

BibTeX would count an escaped brace, so braces have names. A bracket that begins a row would be
taken for a distance, so brackets stand in braces.
"""


def latex(text: str) -> str:
    """A text in which nothing is a command."""
    return "".join(_ESCAPES.get(letter, letter) for letter in " ".join(text.split()))


def latex_tables(tables: Sequence[Table]) -> str:
    """Write all tables below each other, with the first tier in bold."""
    return "\n".join([r"% Needs \usepackage{booktabs}.", *map(_table, tables)])


def _table(table: Table) -> str:
    caption = latex(". ".join([table.title, " ".join(table.notes)]) if table.notes else table.title)
    kinds = "".join("l" if head.is_text else "r" for head in table.heads)
    heads = " & ".join(latex(head.title) for head in table.heads)
    return "\n".join(
        [
            r"\begin{table}",
            r"  \centering",
            rf"  \caption{{{caption}}}",
            rf"  \begin{{tabular}}{{{kinds}}}",
            r"    \toprule",
            rf"    {heads} \\",
            r"    \midrule",
            *_lines(table),
            r"    \bottomrule",
            r"  \end{tabular}",
            r"\end{table}",
            "",
        ]
    )


def _lines(table: Table) -> Iterator[str]:
    for index, cells in enumerate(table.lines):
        if index in table.lines_above:
            title = latex(table.lines_above[index])
            if index:
                yield r"    \midrule"
            yield rf"    \multicolumn{{{len(cells)}}}{{l}}{{\textit{{{title}}}}} \\"
        yield rf"    {' & '.join(map(_cell, cells))} \\"


def _cell(cell: Cell) -> str:
    text = latex(cell.text)
    return rf"\textbf{{{text}}}" if cell.emphasis == "first" else text
