"""Rows as JSON, CSV, LaTeX, BibTeX and Parquet; the same rows give the same bytes."""

import csv
import io
import json
import re
from collections.abc import Callable, Sequence
from typing import NamedTuple

from leaderboard.entries import Row
from leaderboard.export.columns import REAL, WHOLE, kind_of, table

_FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""What makes a spreadsheet run the text of a cell."""
_LATEX = {
    "\\": r"\textbackslash{}", "{": r"\{", "}": r"\}", "$": r"\$", "&": r"\&", "#": r"\#",
    "%": r"\%", "_": r"\_", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}",
    "<": r"\textless{}", ">": r"\textgreater{}", "|": r"\textbar{}",
}  # fmt: skip


class Format(NamedTuple):
    """One way to write rows."""

    suffix: str
    media_type: str
    write: Callable[[Sequence[Row]], bytes]


def to_json(rows: Sequence[Row]) -> bytes:
    """A list of objects; keys in the order of the columns."""
    return (json.dumps([row.__dict__ for row in rows], indent=1, sort_keys=True) + "\n").encode()


def to_csv(rows: Sequence[Row]) -> bytes:
    """One line a row; a text that a spreadsheet would run gets an apostrophe before it."""
    columns = table(rows)
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(columns)
    for cells in zip(*columns.values(), strict=True):
        writer.writerow([_harmless(cell) if isinstance(cell, str) else cell for cell in cells])
    return stream.getvalue().encode()


def to_latex(rows: Sequence[Row]) -> bytes:
    """A table that compiles with booktabs: rank, method, scores with their intervals."""
    patterns = list({name: None for row in rows for name in row.pattern_found})
    headings = ["Rank", "Method", "Seeds", "HPS", r"95\,\% interval", "MPS", "$R$",
                *(f"PF {latex(name)}" for name in patterns)]  # fmt: skip
    lines = [r"% Needs \usepackage{booktabs}.",
             rf"\begin{{tabular}}{{rl{'r' * (len(headings) - 2)}}}", r"\toprule",
             " & ".join(headings) + r" \\", r"\midrule"]  # fmt: skip
    for row in rows:
        interval = f"{_real(row.hps_low)} to {_real(row.hps_high)}" if row.hps_low else "--"
        cells = [str(row.rank or "--"), latex(row.display_name), str(row.n_seeds),
                 _real(row.hps), interval, _real(row.mps), _real(row.retention),
                 *(_real(row.pattern_found.get(name)) for name in patterns)]  # fmt: skip
        lines.append(" & ".join(cells) + r" \\")
    lines += [r"\bottomrule", r"\end{tabular}", ""]
    return "\n".join(lines).encode()


def to_bibtex(rows: Sequence[Row]) -> bytes:
    """One entry a row, to cite what stands on the leaderboard."""
    return "\n".join(map(_entry, rows)).encode()


def to_parquet(rows: Sequence[Row]) -> bytes:
    """All columns with their types."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    types = {WHOLE: pa.int64(), REAL: pa.float64()}
    columns = {
        name: pa.array(cells, types.get(kind_of(name), pa.string()))
        for name, cells in table(rows).items()
    }
    stream = io.BytesIO()
    pq.write_table(pa.table(columns), stream, compression="zstd")
    return stream.getvalue()


FORMATS = {
    "json": Format(".json", "application/json", to_json),
    "csv": Format(".csv", "text/csv; charset=utf-8", to_csv),
    "tex": Format(".tex", "application/x-tex; charset=utf-8", to_latex),
    "bib": Format(".bib", "application/x-bibtex; charset=utf-8", to_bibtex),
    "parquet": Format(".parquet", "application/vnd.apache.parquet", to_parquet),
}


def latex(text: str) -> str:
    """A text in which nothing is a command."""
    plain = " ".join(text.split())
    return "".join(_LATEX.get(character, character) for character in plain)


def _harmless(text: str) -> str:
    return f"'{text}" if text.startswith(_FORMULA) else text


def _real(value: float | None) -> str:
    return "--" if value is None else f"{value:.3f}"


def _entry(row: Row) -> str:
    key = re.sub(r"[^a-z0-9]", "", row.method.lower()) + "-" + row.submission_id[:10]
    fields = {
        "title": f"{{{latex(row.display_name)}}} on {latex(row.benchmark)}",
        "author": " and ".join(f"{{{latex(author)}}}" for author in row.authors)
        or f"{{{latex(row.submitter)}}}",
        "year": row.submitted_at[:4],
        "note": f"dgbench leaderboard, submission {row.submission_id}",
    }
    if row.paper_url:
        fields["url"] = row.paper_url.translate({ord(c): f"%{ord(c):02X}" for c in "{}\\ "})
    lines = [f"  {name} = {{{value}}}," for name, value in fields.items()]
    return "\n".join([f"@misc{{{key},", *lines, "}", ""])
