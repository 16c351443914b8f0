"""What a page shows, to take away: CSV, a LaTeX table, BibTeX entries."""

import csv
import io
import re
from collections.abc import Sequence
from datetime import UTC, datetime

from leaderboard.columns import Column
from leaderboard.entries import Row

_FORMULA = ("=", "+", "-", "@")
"""A spreadsheet takes a cell that begins with one of these for a formula."""
_LATEX = {
    "\\": r"\textbackslash{}", "{": r"\{", "}": r"\}", "$": r"\$", "&": r"\&", "#": r"\#",
    "%": r"\%", "_": r"\_", "^": r"\textasciicircum{}", "~": r"\textasciitilde{}",
    "<": r"\textless{}", ">": r"\textgreater{}", "|": r"\textbar{}", '"': r"\textquotedbl{}",
}  # fmt: skip


def as_csv(rows: Sequence[Row], shown: Sequence[Column]) -> str:
    """The shown rows and columns, unrounded, with the id of each submission."""
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow([*(column.title for column in shown), "Submission"])
    for row in rows:
        cells = [column.pick(row) for column in shown]
        writer.writerow([*map(_cell, cells), row.submission_id])
    return stream.getvalue()


def _cell(value: object) -> object:
    if not isinstance(value, str):
        return value
    text = re.sub(r"[\t\r\n]", " ", value)
    return f"'{text}" if text.lstrip().startswith(_FORMULA) or text != value else text


def as_latex(rows: Sequence[Row], shown: Sequence[Column], *, caption: str) -> str:
    """A table with the digits of the page; it needs no package."""
    align = "".join("l" if column.kind == "text" else "r" for column in shown)
    heads = " & ".join(latex(column.title) for column in shown)
    lines = [" & ".join(latex(column.text(row)) for column in shown) for row in rows]
    body = "\n".join(rf"    {line} \\" for line in lines)
    return (
        "\\begin{table}\n  \\centering\n"
        f"  \\caption{{{latex(caption)}}}\n"
        f"  \\begin{{tabular}}{{{align}}}\n    \\hline\n    {heads} \\\\\n    \\hline\n"
        f"{body}\n    \\hline\n  \\end{{tabular}}\n\\end{{table}}\n"
    )


def latex(text: str) -> str:
    """Text with every character that LaTeX would take for a command escaped."""
    return "".join(_LATEX.get(letter, letter) for letter in text)


def as_bibtex(rows: Sequence[Row], *, link: str, now: datetime | None = None) -> str:
    """An entry for this view of the leaderboard, and one a submission that it shows."""
    at = (now or datetime.now(UTC)).date().isoformat()
    view = _entry(
        "dgbench-view",
        title="The dgbench leaderboard",
        author="{The dgbench authors}",
        year=at[:4],
        note=f"As of {at}",
        url=link,
    )
    return "\n".join([view, *map(_bibtex_of, rows)])


def _bibtex_of(row: Row) -> str:
    name = re.sub(r"[^a-z0-9-]", "", row.method.lower())
    return _entry(
        f"dgbench-{name}-{row.submission_id[:8].lower()}",
        title=f"{{{latex(row.display_name or row.method)}}} on {{{latex(row.benchmark)}}}",
        author=" and ".join(f"{{{latex(author)}}}" for author in row.authors) or "{Anonymous}",
        year=row.submitted_at[:4],
        note=latex(f"dgbench submission {row.submission_id}, version {row.version}"),
    )


def _entry(key: str, **fields: str) -> str:
    lines = ",\n".join(f"  {name} = {{{value}}}" for name, value in fields.items())
    return f"@misc{{{key},\n{lines}\n}}\n"
