"""The leaderboard as tables on a terminal."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import groupby

from dgbench.standings.columns import RANK, TIER, Column
from dgbench.standings.standing import lines_above
from dgbench.standings.table import table_of
from dgbench.standings.words import track
from dgbench.standings.writers.listing import console
from dgbench.standings.writers.terminal import print_tables
from leaderboard.columns import CHECKED, METHOD, RANK_INTERVAL, SEEDS, VERSION, file_columns
from leaderboard.records import Query, Row

_ID_SHOWN = 12
_ID: Column[Row] = Column(
    title="Id",
    help="The beginning of the submission's id.",
    pick=lambda row: row.submission_id[:_ID_SHOWN],
)


def print_rows(rows: Sequence[Row], query: Query) -> None:
    """Print a table for each track."""
    if not rows:
        console().print(
            f"{query.benchmark} has no row that is selected by {query.selection}."
            " `dgbench leaderboard import` adds bundles.",
            markup=False,
        )
    shown: list[Column[Row]] = [
        RANK,
        replace(RANK_INTERVAL, kind="number"),
        TIER,
        replace(METHOD, pick=lambda row: row.display_name),
        VERSION,
        SEEDS,
        *file_columns(rows),
        CHECKED,
        _ID,
    ]
    by_track = {uses: list(members) for uses, members in groupby(rows, key=lambda row: row.uses)}
    print_tables(
        [
            table_of(
                members,
                shown,
                title=f"{query.benchmark}, track {track(uses)}",
                lines_above=lines_above(members),
            )
            for uses, members in by_track.items()
        ]
    )
