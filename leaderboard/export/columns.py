"""The columns of files for scripts, with one order, one name each, and one way to write numbers."""

from collections.abc import Iterable, Mapping, Sequence
from operator import attrgetter
from typing import Literal

from leaderboard.records import Row

Cell = str | int | float | bool | None
Kind = Literal["text", "whole", "real", "truth"]

COLUMNS: Mapping[str, Kind] = {
    "rank": "whole", "rank_low": "whole", "rank_high": "whole",
    "tier": "whole", "is_unstable": "truth", "against_best": "text",
    "method": "text", "display_name": "text", "version": "text", "authors": "text",
    "benchmark": "text", "uses": "text", "paradigm": "text", "selection": "text",
    "n_seeds": "whole", "standing": "text",
    "headline_name": "text", "headline": "real", "headline_low": "real", "headline_high": "real",
    "hps": "real", "hps_low": "real", "hps_high": "real",
    "up": "real", "mp": "real", "retention": "real",
    "accuracy": "real", "worst_domain": "text", "worst_accuracy": "real",
    "parameters": "whole", "training_seconds": "real", "energy_kwh": "real",
    "verification": "text", "attempts": "whole", "flags": "text", "notes": "text",
    "submitted_at": "text", "submitter": "text", "submission_id": "text",
    "paper_url": "text", "code_url": "text",
    "paper_title": "text", "paper_authors": "text", "paper_year": "whole",
}  # fmt: skip
"""The kind of each column, by its name."""
_ATTRIBUTES = {
    "paper_year": "year",
    "headline": "headline.estimate",
    "headline_name": "headline.name",
    "headline_low": "headline.low",
    "headline_high": "headline.high",
}
CSV_DIGITS = 6
"""Significant digits of a real number in CSV. JSON and Parquet have all of them."""
_BY_PATTERN = ("found", "trusted", "encoded")
"""Fields that hold a score of each pattern."""


def table(rows: Sequence[Row]) -> dict[str, list[Cell]]:
    """Columns by name. Each pattern's score has a column of its own, and lists are joined."""
    cells: dict[str, list[Cell]] = {
        name: list(map(_cell, map(attrgetter(_ATTRIBUTES.get(name, name)), rows)))
        for name in COLUMNS
    }
    for field in _BY_PATTERN:
        by_row: list[Mapping[str, float]] = [getattr(row, field) for row in rows]
        for pattern in sorted(patterns_of(by_row)):
            cells[f"{field}.{pattern}"] = [scores.get(pattern) for scores in by_row]
    return cells


def short(cell: Cell) -> Cell:
    """Round a real number to the digits of CSV, and leave every other cell as it is."""
    return float(f"{cell:.{CSV_DIGITS}g}") if isinstance(cell, float) else cell


def patterns_of(by_row: Iterable[Mapping[str, float]]) -> list[str]:
    """The patterns that any of the rows has a score of."""
    return list({name: None for scores in by_row for name in scores})


def kind_of(column: str) -> Kind:
    """The kind of values in a column."""
    return "real" if column.split(".")[0] in _BY_PATTERN else COLUMNS[column]


def _cell(value: object) -> Cell:
    if isinstance(value, tuple):
        return "; ".join(value)
    assert value is None or isinstance(value, str | int | float)  # noqa: S101  (see Row)
    return value
