"""Data frames of the leaderboard's rows, made by pure functions that score nothing."""

from collections.abc import Sequence

import pandas as pd
from pandas.io.formats.style import Styler

from data_gen.spec import Spec
from dgbench.standings.columns import Column
from dgbench.standings.limits import FOUND, RETAINED
from dgbench.standings.number_format import NONE, digits, interval
from dgbench.standings.standing import LINES, RANKED, part_of
from leaderboard.records import Row
from leaderboard.web.theme import BAND, BEST, WARNING, shade


def frame(rows: Sequence[Row], shown: Sequence[Column[Row]]) -> pd.DataFrame:
    """Make a table of rows with the columns `shown`, unrounded, and NaN for a missing number."""
    data = {}
    for column in shown:
        values = [column.pick(row) for row in rows]
        dtype = "object" if column.kind == "text" else "float64"
        data[column.title] = pd.Series(values, dtype=dtype)
    return pd.DataFrame(data)


def styled(rows: Sequence[Row], shown: Sequence[Column[Row]]) -> Styler:
    """Style the table with digits, shades, marks, and a band over every other tier."""
    style = frame(rows, shown).style.apply(lambda _: _css(rows, shown), axis=None)
    formats = {column.title: column.show for column in shown if column.kind != "bar"}
    return style.format(formats, na_rep=NONE)


def _css(rows: Sequence[Row], shown: Sequence[Column[Row]]) -> pd.DataFrame:
    in_band = _bands(rows)
    cells = {
        column.title: [
            _css_of(_cell(column, row), band=band) for row, band in zip(rows, in_band, strict=True)
        ]
        for column in shown
    }
    return pd.DataFrame(cells)


def _bands(rows: Sequence[Row]) -> list[bool]:
    """Mark the rows of every other tier, and of what is listed below the tiers."""
    bands: list[bool] = []
    for index, row in enumerate(rows):
        is_same = index > 0 and _tier(row) == _tier(rows[index - 1])
        bands.append(bands[-1] if is_same else bool(bands) and not bands[-1])
    return bands


def _css_of(cell: str, *, band: bool) -> str:
    """Put a band behind a cell that has no background of its own."""
    if not band or "background" in cell:
        return cell
    return f"{cell}; {BAND}" if cell else BAND


def _tier(row: Row) -> tuple[int | None, int]:
    return row.tier, part_of(row.standing)


def _cell(column: Column[Row], row: Row) -> str:
    value = column.pick(row)
    if column.kind == "heat" and isinstance(value, int | float):
        return shade(value)
    if column.title == "R" and row.retention is not None and row.retention < RETAINED:
        return WARNING
    if column.title == "Checked" and row.verification == "failed":
        return WARNING
    if column.title in ("Rank", "Tier", "Method") and row.tier == 1 and not row.is_unstable:
        return BEST
    return ""


def finding(rows: Sequence[Row], spec: Spec | None) -> str:
    """Say in a sentence or two what the table shows, or nothing if patterns rank nothing here."""
    scored = [(row.hps, row) for row in rows if row.hps is not None and row.standing in RANKED]
    if not scored or spec is None or not spec.hidden:
        return ""
    hidden = " and ".join(spec.hidden)
    best_first = [row for _, row in sorted(scored, key=lambda pair: -pair[0])]
    finders = [row for row in best_first if (row.hps or 0) >= FOUND]
    total = f"of {len(scored):,} method{'s' if len(scored) > 1 else ''}"
    if not finders:
        return (
            f"None {total} finds half of what the easy pattern hides ({hidden}). "
            f"The best is {_scored(best_first[0])}."
        )
    verb = "finds" if len(finders) == 1 else "find"
    named = "; ".join(map(_scored, finders[:3]))
    more = f"; and {len(finders) - 3:,} more" if len(finders) > 3 else ""
    return (
        f"{len(finders):,} {total} {verb} at least half of what the easy pattern hides ({hidden}): "
        f"{named}{more}."
    )


def _scored(row: Row) -> str:
    within = interval(row.headline.low, row.headline.high)
    score = f"{row.headline.title} {digits(2)(row.headline.estimate)}"
    return f"{row.method} with {score}" + (f" ({within})" if within else "")


def scores_with_intervals(rows: Sequence[Row]) -> pd.DataFrame:
    """Make a chart's table of headline scores and intervals, best first."""
    competitors = [row for row in rows if row.standing != "yardstick"]
    return _with_score(competitors).sort_values("score", ascending=False, kind="stable")


def yardsticks(rows: Sequence[Row]) -> pd.DataFrame:
    """Make a chart's table of the yardsticks' scores."""
    return pd.DataFrame(
        [(row.method, row.headline.estimate) for row in rows if row.standing == "yardstick"],
        columns=["method", "score"],
    )


def over_time(rows: Sequence[Row]) -> pd.DataFrame:
    """Make a table of scores over time, oldest first, that marks those that were best then.

    Entries that gave up the task and yardsticks are best at no time.
    """
    table = _with_score(rows).sort_values("time", kind="stable", ignore_index=True)
    table["time"] = pd.to_datetime(table["time"], format="ISO8601")
    competing = table["score"].where(~table["standing"].isin(list(LINES)))
    before = competing.cummax().ffill().shift()
    table["is_best"] = competing > before.fillna(float("-inf"))
    return table


def _with_score(rows: Sequence[Row]) -> pd.DataFrame:
    """Make a line for each row that has a headline score."""
    return pd.DataFrame(
        [
            (
                row.method,
                row.benchmark,
                row.standing,
                row.submitted_at,
                score.estimate,
                score.low,
                score.high,
            )
            for row in rows
            if (score := row.headline).estimate is not None
        ],
        columns=["method", "benchmark", "standing", "time", "score", "low", "high"],
    )
