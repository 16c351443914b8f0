"""Text, tables and references as CSV, LaTeX and BibTeX: escaped here and nowhere else."""

import csv
import io
import re
from collections.abc import Iterable, Sequence

from leaderboard.records import Row

_FORMULA = ("=", "+", "-", "@")
"""A spreadsheet takes a cell that begins with one of these for a formula."""
_LATEX = {
    "\\": r"\textbackslash{}", "{": r"\textbraceleft{}", "}": r"\textbraceright{}",
    "$": r"\$", "&": r"\&", "#": r"\#", "%": r"\%", "_": r"\_",
    "^": r"\textasciicircum{}", "~": r"\textasciitilde{}",
    "<": r"\textless{}", ">": r"\textgreater{}", "|": r"\textbar{}", '"': r"{\char34}",
}  # fmt: skip
"""In every font encoding; BibTeX would count an escaped brace, so braces have names."""
_ID_LENGTH = 10
"""Characters of a submission's id in a key."""


def csv_text(heads: Sequence[str], lines: Iterable[Sequence[object]]) -> str:
    """One line a row; a text that a spreadsheet would run gets an apostrophe before it."""
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(map(_harmless, heads))
    for cells in lines:
        writer.writerow(map(_harmless, cells))
    return stream.getvalue()


def _harmless(value: object) -> object:
    if not isinstance(value, str):
        return value
    text = re.sub(r"[\t\r\n]", " ", value)
    return f"'{text}" if text.lstrip().startswith(_FORMULA) or text != value else text


def latex(text: str) -> str:
    """A text in which nothing is a command."""
    plain = " ".join(text.split())
    return "".join(_LATEX.get(letter, letter) for letter in plain)


def latex_table(
    heads: Sequence[str], lines: Iterable[Sequence[str]], *, align: str, caption: str
) -> str:
    """A table for the package booktabs, as `dgbench report` writes them too."""
    return "\n".join(
        [
            r"% Needs \usepackage{booktabs}.",
            r"\begin{table}",
            r"  \centering",
            rf"  \caption{{{latex(caption)}}}",
            rf"  \begin{{tabular}}{{{align}}}",
            r"    \toprule",
            _line(heads),
            r"    \midrule",
            *map(_line, lines),
            r"    \bottomrule",
            r"  \end{tabular}",
            r"\end{table}",
            "",
        ]
    )


def _line(cells: Sequence[str]) -> str:
    return rf"    {' & '.join(map(latex, cells))} \\"


def reference(row: Row) -> str:
    """The BibTeX entry of one submission."""
    name = re.sub(r"[^a-z0-9-]", "", row.method.lower())
    fields = {
        "title": f"{{{latex(row.display_name or row.method)}}} on {{{latex(row.benchmark)}}}",
        "author": " and ".join(
            f"{{{latex(author)}}}" for author in row.authors or (row.submitter,)
        ),
        "year": row.submitted_at[:4],
        "note": latex(f"dgbench submission {row.submission_id}, version {row.version}"),
    }
    if row.paper_url:
        fields["url"] = _address(row.paper_url)
    return _entry(f"dgbench-{name}-{row.submission_id[:_ID_LENGTH].lower()}", fields)


def view_reference(link: str, *, day: str) -> str:
    """The BibTeX entry of one view of the leaderboard, as it was on a day."""
    fields = {
        "title": "The dgbench leaderboard",
        "author": "{The dgbench authors}",
        "year": day[:4],
        "note": f"As of {day}",
        "url": _address(link),
    }
    return _entry("dgbench-view", fields)


def _entry(key: str, fields: dict[str, str]) -> str:
    lines = ",\n".join(f"  {name} = {{{value}}}" for name, value in fields.items())
    return f"@misc{{{key},\n{lines}\n}}\n"


def _address(url: str) -> str:
    """An address that neither ends its field nor begins a command."""
    return url.translate({ord(letter): f"%{ord(letter):02X}" for letter in "{}\\ "})
