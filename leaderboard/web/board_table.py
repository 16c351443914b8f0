"""Data frames of the leaderboard's rows, made by pure functions that score nothing."""

from collections.abc import Sequence

import pandas as pd
from pandas.io.formats.style import Styler

from data_gen.spec import Spec
from leaderboard.presentation.columns import Column
from leaderboard.presentation.numbers import NONE, digits, interval
from leaderboard.presentation.words import RETAINED
from leaderboard.records import Row
from leaderboard.web.theme import BAND, WARNING, shade

FOUND = 0.5
"""HPS from which the first sentence of the page says that a method finds what is hidden."""


def frame(rows: Sequence[Row], shown: Sequence[Column]) -> pd.DataFrame:
    """Make a table of rows with the columns `shown`, unrounded, and NaN for a missing number."""
    data = {}
    for column in shown:
        values = [column.pick(row) for row in rows]
        dtype = "object" if column.kind == "text" else "float64"
        data[column.title] = pd.Series(values, dtype=dtype)
    return pd.DataFrame(data)


def styled(rows: Sequence[Row], shown: Sequence[Column]) -> Styler:
    """The table with its digits, shades, marks, and a band over rows that share a rank."""
    style = frame(rows, shown).style.apply(lambda _: _css(rows, shown), axis=None)
    formats = {column.title: column.show for column in shown if column.kind != "bar"}
    return style.format(formats, na_rep=NONE)


def _css(rows: Sequence[Row], shown: Sequence[Column]) -> pd.DataFrame:
    in_band = _bands(rows)
    cells = {
        column.title: [
            _cell(column, row) or (BAND if band else "")
            for row, band in zip(rows, in_band, strict=True)
        ]
        for column in shown
    }
    return pd.DataFrame(cells)


def _bands(rows: Sequence[Row]) -> list[bool]:
    """Whether each row is in every other group of neighbours that share a rank."""
    bands: list[bool] = []
    for at, row in enumerate(rows):
        is_same = at > 0 and row.rank == rows[at - 1].rank
        bands.append(bands[-1] if is_same else bool(bands) and not bands[-1])
    return bands


def _cell(column: Column, row: Row) -> str:
    value = column.pick(row)
    if column.kind == "heat" and isinstance(value, int | float):
        return shade(value)
    if column.title == "R" and row.retention is not None and row.retention < RETAINED:
        return WARNING
    if column.title == "Checked" and row.verification == "failed":
        return WARNING
    return ""


def finding(rows: Sequence[Row], spec: Spec | None) -> str:
    """Say in a sentence or two what the table shows, or nothing if patterns rank nothing here."""
    ranked = [row for row in rows if row.hps is not None and row.standing != "unranked"]
    if not ranked or spec is None or not spec.hidden:
        return ""
    hidden = " and ".join(spec.hidden)
    finders = [row for row in ranked if (row.hps or 0) >= FOUND]
    of = f"of {len(ranked):,} method{'s' if len(ranked) > 1 else ''}"
    if not finders:
        best = max(ranked, key=lambda row: row.hps or 0)
        return (
            f"None {of} finds half of what the easy pattern hides ({hidden}). "
            f"The best is {_scored(best)}."
        )
    verb = "finds" if len(finders) == 1 else "find"
    best_three = sorted(finders, key=lambda row: -(row.hps or 0))[:3]
    named = "; ".join(map(_scored, best_three))
    more = f"; and {len(finders) - 3:,} more" if len(finders) > 3 else ""
    return (
        f"{len(finders):,} {of} {verb} at least half of what the easy pattern hides ({hidden}): "
        f"{named}{more}."
    )


def _scored(row: Row) -> str:
    within = interval(row.hps_low, row.hps_high)
    return f"{row.method} with HPS {digits(2)(row.hps)}" + (f" ({within})" if within else "")


def scores_with_intervals(rows: Sequence[Row]) -> pd.DataFrame:
    """Make a chart's table of headline scores and intervals, best first."""
    return pd.DataFrame(
        [
            {
                "method": row.method,
                "score": row.hps,
                "low": row.hps_low,
                "high": row.hps_high,
                "rank": row.rank,
                "id": row.submission_id,
            }
            for row in sorted(rows, key=lambda row: -(row.hps or 0))
            if row.hps is not None
        ],
        columns=["method", "score", "low", "high", "rank", "id"],
    )


def over_time(rows: Sequence[Row]) -> pd.DataFrame:
    """Score and time of each row that has one, oldest first, and whether it was the best then."""
    fields = ["time", "score", "low", "high", "method", "benchmark", "id"]
    table = pd.DataFrame(
        [
            (
                pd.Timestamp(row.submitted_at),
                row.hps,
                row.hps_low,
                row.hps_high,
                row.method,
                row.benchmark,
                row.submission_id,
            )
            for row in sorted(rows, key=lambda row: row.submitted_at)
            if row.hps is not None
        ],
        columns=fields,
    )
    table["is_best"] = table["score"] > table["score"].cummax().shift(fill_value=float("-inf"))
    return table
