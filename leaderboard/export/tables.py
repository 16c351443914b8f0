"""Rows as JSON, CSV, LaTeX, BibTeX and Parquet. The same rows give the same bytes."""

import io
import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import NamedTuple

from dgbench.standings.columns import RANK, TIER, Column, found_column, trusted_column
from dgbench.standings.standing import lines_above
from dgbench.standings.table import table_of
from dgbench.standings.writers.latex import latex_tables
from dgbench.standings.writers.spreadsheet import csv_text
from leaderboard.columns import FILE_PLACES, METHOD, SEEDS, file_columns
from leaderboard.export.columns import kind_of, patterns_of, short, table
from leaderboard.export.references import references
from leaderboard.records import Row


class Format(NamedTuple):
    """One way to write rows."""

    suffix: str
    media_type: str
    write: Callable[[Sequence[Row]], bytes]


def to_json(rows: Sequence[Row]) -> bytes:
    """A list of objects with sorted keys."""
    return (json.dumps([row.fields for row in rows], indent=1, sort_keys=True) + "\n").encode()


def to_csv(rows: Sequence[Row]) -> bytes:
    """All columns with short numbers, the same for page, API and folder."""
    columns = {name: map(short, cells) for name, cells in table(rows).items()}
    return csv_text(list(columns), zip(*columns.values(), strict=True)).encode()


def to_latex(rows: Sequence[Row]) -> bytes:
    """The columns of a paper: rank, method, scores with their intervals."""
    shown: list[Column[Row]] = [
        RANK,
        TIER,
        replace(METHOD, pick=lambda row: row.display_name),
        SEEDS,
        *file_columns(rows),
        *(
            found_column(name, is_hidden=False, places=FILE_PLACES)
            for name in patterns_of(row.found for row in rows)
        ),
        *(
            trusted_column(name, is_hidden=False, places=FILE_PLACES)
            for name in patterns_of(row.trusted for row in rows)
        ),
    ]
    benchmarks = ", ".join({row.benchmark: None for row in rows})
    title = f"dgbench {benchmarks}".strip()
    lines = lines_above(rows)
    return latex_tables([table_of(rows, shown, title=title, lines_above=lines)]).encode()


def to_bibtex(rows: Sequence[Row]) -> bytes:
    """The papers of the methods, to cite what is on the leaderboard."""
    return "\n".join(references(rows)).encode()


def to_parquet(rows: Sequence[Row]) -> bytes:
    """All columns with their types."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    types = {"text": pa.string(), "whole": pa.int64(), "real": pa.float64(), "truth": pa.bool_()}
    columns = {name: pa.array(cells, types[kind_of(name)]) for name, cells in table(rows).items()}
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
