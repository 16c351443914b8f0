"""The orders of the table's rows, and the heads of columns that ask for them."""

from collections.abc import Mapping, Sequence

from dgbench.standings.columns import Column
from leaderboard.records import Row
from leaderboard.records.query import BY_PATTERN

ORDERS: Mapping[str, str] = {
    "rank": "rank",
    "score": "score",
    "up": "UP",
    "mp": "MP",
    "retention": "ID retention",
    "accuracy": "accuracy",
    "submitted": "newest first",
    "method": "method",
    "parameters": "parameters",
    "seconds": "training time",
    "energy": "energy",
    "seeds": "seeds",
    "attempts": "attempts",
    "year": "year of the paper",
}
"""The name of each order for readers, by its name in a query."""
_HEADS: Mapping[str, str] = {
    "Rank": "rank",
    "Tier": "rank",
    "UP": "up",
    "MP": "mp",
    "R": "retention",
    "Accuracy": "accuracy",
    "Submitted": "submitted",
    "Method": "method",
    "Parameters": "parameters",
    "Training": "seconds",
    "Energy": "energy",
    "Seeds": "seeds",
    "Attempts": "attempts",
    "Year": "year",
}


def by_head(columns: Sequence[Column[Row]]) -> dict[str, str]:
    """Return the order that the head of each column asks for, by the column's title."""
    heads = {column.title: _HEADS[column.title] for column in columns if column.title in _HEADS}
    for column in columns:
        if column.kind == "bar":
            heads[column.title] = "score"
        elif column.kind == "heat":
            heads[column.title] = _by_pattern(column.title)
    return heads


def named(columns: Sequence[Column[Row]]) -> dict[str, str]:
    """Return what a reader calls each order that these columns have, by its name in a query."""
    patterns = {
        _by_pattern(column.title): column.title for column in columns if column.kind == "heat"
    }
    return {**ORDERS, **patterns}


def _by_pattern(title: str) -> str:
    """Return the order by a score of a pattern, whose column is called `F shape`."""
    letter, _, pattern = title.partition(" ")
    return f"{dict(zip('FT', BY_PATTERN, strict=True))[letter]}.{pattern}"
