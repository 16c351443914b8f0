"""The columns of every export, in one order and with one name each."""

from collections.abc import Sequence

from leaderboard.records import Row

Cell = str | int | float | None

TEXT, WHOLE, REAL = "text", "whole", "real"

COLUMNS: dict[str, str] = {
    "rank": WHOLE, "rank_low": WHOLE, "rank_high": WHOLE,
    "method": TEXT, "display_name": TEXT, "version": TEXT, "authors": TEXT,
    "benchmark": TEXT, "uses": TEXT, "selection": TEXT, "n_seeds": WHOLE, "standing": TEXT,
    "hps": REAL, "hps_low": REAL, "hps_high": REAL, "mps": REAL, "retention": REAL,
    "accuracy": REAL, "worst_domain": TEXT, "worst_accuracy": REAL,
    "parameters": WHOLE, "training_seconds": REAL, "energy_kwh": REAL,
    "verification": TEXT, "attempts": WHOLE, "flags": TEXT, "notes": TEXT,
    "submitted_at": TEXT, "submitter": TEXT, "submission_id": TEXT,
    "paper_url": TEXT, "code_url": TEXT,
}  # fmt: skip
"""The kind of each column, by its name."""
_PATTERN = "pattern_found."


def table(rows: Sequence[Row]) -> dict[str, list[Cell]]:
    """Columns by name; a pattern's score has a column of its own, lists are joined."""
    found: dict[str, list[Cell]] = {
        name: [_cell(getattr(row, name)) for row in rows] for name in COLUMNS
    }
    patterns = {name: None for row in rows for name in row.pattern_found}
    for name in patterns:
        found[f"{_PATTERN}{name}"] = [row.pattern_found.get(name) for row in rows]
    return found


def kind_of(column: str) -> str:
    """What a column holds."""
    return REAL if column.startswith(_PATTERN) else COLUMNS[column]


def _cell(value: object) -> Cell:
    if isinstance(value, tuple):
        return "; ".join(value)
    assert value is None or isinstance(value, str | int | float)  # noqa: S101  (see Row)
    return value
