"""What a page shows, to take away: its rows, its columns, its digits."""

from collections.abc import Sequence
from datetime import UTC, datetime

from leaderboard.export.writing import csv_text, latex_table, reference, view_reference
from leaderboard.presentation.columns import Column
from leaderboard.records import Row


def as_csv(rows: Sequence[Row], shown: Sequence[Column]) -> str:
    """The shown rows and columns, unrounded, with the id of each submission."""
    return csv_text(
        [*(column.title for column in shown), "Submission"],
        ([*(column.pick(row) for column in shown), row.submission_id] for row in rows),
    )


def as_latex(rows: Sequence[Row], shown: Sequence[Column], *, caption: str) -> str:
    """A table with the digits of the page."""
    return latex_table(
        [column.title for column in shown],
        ([column.text(row) for column in shown] for row in rows),
        align="".join("l" if column.kind == "text" else "r" for column in shown),
        caption=caption,
    )


def as_bibtex(rows: Sequence[Row], *, link: str, now: datetime | None = None) -> str:
    """An entry for this view of the leaderboard, and one a submission that it shows."""
    day = (now or datetime.now(UTC)).date().isoformat()
    return "\n".join([view_reference(link, day=day), *map(reference, rows)])
