"""Sentences and data frames of the leaderboard's rows, by pure functions that score nothing."""

from collections.abc import Sequence

import pandas as pd

from data_gen.spec import Spec
from dgbench.standings.limits import FOUND
from dgbench.standings.number_format import digits, interval
from dgbench.standings.standing import LINES, RANKED
from dgbench.standings.words import track
from leaderboard.records import Row


def findings(rows: Sequence[Row], spec: Spec | None) -> list[str]:
    """Say what each ranking of the table shows. Rankings are never mixed in one sentence."""
    rankings: dict[tuple[tuple[str, ...], str], list[Row]] = {}
    for row in rows:
        rankings.setdefault((row.uses, row.selection), []).append(row)
    said = {key: finding(some, spec) for key, some in rankings.items()}
    if len(said) < 2:
        return [text for text in said.values() if text]
    return [
        f"{track(uses)}, {selection}: {text}" for (uses, selection), text in said.items() if text
    ]


def finding(rows: Sequence[Row], spec: Spec | None) -> str:
    """Say in a sentence or two what the table shows, or nothing if patterns rank nothing here."""
    scored = [(row.hps, row) for row in rows if row.hps is not None and row.standing in RANKED]
    if not scored or spec is None or not spec.hidden:
        return ""
    hidden = ", ".join(spec.hidden)
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


def over_time(rows: Sequence[Row], *, by_paper: bool = False) -> pd.DataFrame:
    """Make a table of scores over time, oldest first, that marks those that were best then.

    The time is that of the submission, or the year of the method's paper, where rows without one
    are left out. Of a year, only the best is marked. Entries that gave up the task and yardsticks
    are best at no time.
    """
    dated = [row for row in rows if row.year is not None or not by_paper]
    table = _with_score(dated)
    if by_paper:
        with_score = [row for row in dated if row.headline.estimate is not None]
        table["time"] = [f"{row.year}-01-01" for row in with_score]
        table = table.sort_values("score", ascending=False, kind="stable")
    table = table.sort_values("time", kind="stable", ignore_index=True)
    table["time"] = pd.to_datetime(table["time"], format="ISO8601")
    competing = table["score"].where(~table["standing"].isin(list(LINES)))
    before = competing.cummax().ffill().shift()
    table["is_best"] = competing > before.fillna(float("-inf"))
    return table


def _with_score(rows: Sequence[Row]) -> pd.DataFrame:
    """Make a line for each row with a headline score, and name its track if there are several."""
    is_mixed = len({row.uses for row in rows}) > 1
    return pd.DataFrame(
        [
            (
                f"{row.method} ({track(row.uses)})" if is_mixed else row.method,
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
