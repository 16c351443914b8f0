"""Rows as JSON, CSV, LaTeX, BibTeX and Parquet; the same rows give the same bytes."""

import io
import json
from collections.abc import Callable, Sequence
from typing import NamedTuple

from leaderboard.export.columns import REAL, WHOLE, kind_of, table
from leaderboard.export.writing import csv_text, latex_table, reference
from leaderboard.records import Row


class Format(NamedTuple):
    """One way to write rows."""

    suffix: str
    media_type: str
    write: Callable[[Sequence[Row]], bytes]


def to_json(rows: Sequence[Row]) -> bytes:
    """A list of objects; keys in the order of the columns."""
    return (json.dumps([row.__dict__ for row in rows], indent=1, sort_keys=True) + "\n").encode()


def to_csv(rows: Sequence[Row]) -> bytes:
    """All columns, one line a row."""
    columns = table(rows)
    return csv_text(list(columns), zip(*columns.values(), strict=True)).encode()


def to_latex(rows: Sequence[Row]) -> bytes:
    """What a paper shows: rank, method, scores with their intervals."""
    patterns = list({name: None for row in rows for name in row.pattern_found})
    heads = [
        "Rank",
        "Method",
        "Seeds",
        "HPS",
        "95 % interval",
        "MPS",
        "R",
        *(f"PF {name}" for name in patterns),
    ]
    lines = [
        [
            str(row.rank or "--"),
            row.display_name,
            str(row.n_seeds),
            _real(row.hps),
            _interval(row),
            _real(row.mps),
            _real(row.retention),
            *(_real(row.pattern_found.get(name)) for name in patterns),
        ]
        for row in rows
    ]
    caption = f"dgbench {', '.join({row.benchmark: None for row in rows})}".strip()
    align = f"rl{'r' * (len(heads) - 2)}"
    return latex_table(heads, lines, align=align, caption=caption).encode()


def to_bibtex(rows: Sequence[Row]) -> bytes:
    """One entry a row, to cite what stands on the leaderboard."""
    return "\n".join(map(reference, rows)).encode()


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


def _real(value: float | None) -> str:
    return "--" if value is None else f"{value:.3f}"


def _interval(row: Row) -> str:
    if row.hps_low is None or row.hps_high is None:
        return "--"
    return f"{_real(row.hps_low)} to {_real(row.hps_high)}"
