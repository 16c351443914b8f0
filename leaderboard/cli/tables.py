"""The leaderboard as a table on a terminal."""

from collections.abc import Sequence
from itertools import groupby

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from leaderboard.records import Query, Row

_HEADINGS = (
    "rank",
    "between",
    "method",
    "version",
    "seeds",
    "score",
    "95 % interval",
    "MPS",
    "R",
    "verification",
    "id",
)


def print_rows(rows: Sequence[Row], query: Query) -> None:
    """One table a track."""
    console = Console()
    if not rows:
        console.print(
            f"{escape(query.benchmark)} has no row that is selected by {query.selection}."
            " `dgbench leaderboard import` adds bundles."
        )
    for uses, members in groupby(rows, key=lambda row: row.uses):
        track = ", ".join(uses) or "nothing extra"
        console.print(f"\n[bold cyan]{escape(query.benchmark)}[/], uses {escape(track)}")
        table = Table(box=None, padding=(0, 2, 0, 0), header_style="bold")
        for heading in _HEADINGS:
            table.add_column(heading, justify="left" if heading in _HEADINGS[2:4] else "right")
        for row in members:
            table.add_row(*map(escape, _cells(row)))
        console.print(table)


def _cells(row: Row) -> tuple[str, ...]:
    interval = f"{row.hps_low:.3f} to {row.hps_high:.3f}" if row.hps_low is not None else ""
    return (
        str(row.rank or "-"),
        f"{row.rank_low}-{row.rank_high}" if row.rank else "-",
        row.display_name,
        row.version,
        str(row.n_seeds),
        _number(row.hps),
        interval,
        _number(row.mps),
        _number(row.retention) + ("" if row.retention is None or row.retention >= 0.95 else "!"),
        row.verification,
        row.submission_id[:12],
    )


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"
