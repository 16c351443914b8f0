"""The leaderboard as one HTML page that needs nothing else: no script, no server, no network."""

from collections.abc import Callable, Sequence
from html import escape
from typing import NamedTuple

from dgbench.standings.columns import RANK, TIER, Column
from dgbench.standings.number_format import day
from dgbench.standings.standing import lines_above
from dgbench.standings.table import Cell, Emphasis, Head, Table, head_of
from dgbench.standings.words import track
from dgbench.standings.writers.page import html_table
from dgbench.standings.writers.page import page as html_page
from leaderboard.columns import ATTEMPTS, CHECKED, RANK_INTERVAL, SEEDS, file_columns
from leaderboard.records import Group, Row

_STYLE = """
:root { --line: #8884; --dim: #767676; --blue: #3b7dd8; }
body { font: 15px/1.45 system-ui, sans-serif; margin: 2rem auto; max-width: 90rem;
  padding: 0 1rem; }
h1 { font-size: 1.5rem; margin: 0 0 .3rem; } h2 { font-size: 1.15rem; margin: 2.2rem 0 .4rem; }
p { margin: .3rem 0; max-width: 48rem; } .dim, .small { color: var(--dim); }
.scroll { overflow-x: auto; } table { border-collapse: collapse; width: 100%; }
th, td { padding: .35rem .45rem; border-bottom: 1px solid var(--line); text-align: right;
  white-space: nowrap; font-variant-numeric: tabular-nums; font-weight: 400; }
a { color: inherit; }
thead th { border-bottom-width: 2px; font-weight: 600; vertical-align: bottom; }
.part th { text-align: left; font-style: italic; padding-top: 1rem; } .first { font-weight: 700; }
.text, .method { text-align: left; } .method { white-space: normal; min-width: 9rem; }
.hidden { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
.bar { display: inline-block; width: 7rem; height: .6rem; margin-left: .5rem;
  background: var(--line); position: relative; }
.bar i { position: absolute; top: 0; bottom: 0; background: var(--blue); }
"""
_ID_SHOWN = 10


def page(groups: Sequence[tuple[Group, Sequence[Row]]], *, about: str) -> bytes:
    """All groups with a table each, below a line about the time and the store."""
    sections = "".join(_section(group, rows) for group, rows in groups)
    empty = "" if groups else "<p>No entries yet.</p>"
    body = (
        "<h1>dgbench leaderboard</h1>\n"
        "<p>Which methods find the patterns that a stronger, easier pattern hides? Every number is "
        "recomputed from submitted predictions.</p>\n"
        f'<p class="dim">{escape(about)}</p>\n{empty}{sections}'
    )
    return html_page("dgbench leaderboard", body, style=_STYLE).encode()


def _section(group: Group, rows: Sequence[Row]) -> str:
    return (
        f"<h2>{escape(group.benchmark)}</h2>\n"
        f'<p class="dim">Track {escape(track(group.uses))}; hyper-parameters: '
        f"{escape(group.selection)}.</p>\n{html_table(_table(group, rows))}\n"
    )


class _Part(NamedTuple):
    """A column of the page: its head, and its cell of each row."""

    head: Head
    cell: Callable[[Row], Cell]


def _table(group: Group, rows: Sequence[Row]) -> Table:
    parts = _parts(rows)
    return Table(
        title=f"{group.benchmark}, track {track(group.uses)}, selection {group.selection}",
        heads=tuple(part.head for part in parts),
        lines=tuple(tuple(part.cell(row) for part in parts) for row in rows),
        lines_above=lines_above(rows),
    )


def _parts(rows: Sequence[Row]) -> list[_Part]:
    score, interval, *others = file_columns(rows)
    name = Head("Method", "Its name and version, and who made it.", is_text=True, is_name=True)
    submission = Head("Submission", "Its id, and the day on which it was received.", is_text=True)
    return [
        _plain(RANK),
        _plain(RANK_INTERVAL),
        _Part(head_of(TIER), lambda row: Cell(TIER.text(row), note=row.against_best or "")),
        _Part(name, _name),
        _Part(head_of(SEEDS), _seeds),
        _Part(head_of(score), lambda row: Cell(score.text(row), _emphasis(row))),
        _Part(head_of(interval), lambda row: Cell(interval.text(row), bar=_ends(row))),
        *map(_plain, others),
        _plain(CHECKED),
        _plain(ATTEMPTS),
        _Part(submission, _submission),
    ]


def _plain(column: Column[Row]) -> _Part:
    return _Part(head_of(column), lambda row: Cell(column.text(row)))


def _name(row: Row) -> Cell:
    who = ", ".join(row.credited) or row.submitter
    year = f" {row.year}" if row.year else ""
    flagged = f"; flagged: {', '.join(row.flags)}" if row.flags else ""
    return Cell(f"{row.display_name} {row.version}".strip(), note=f"{who}{year}{flagged}")


def _seeds(row: Row) -> Cell:
    return Cell(SEEDS.text(row), note="" if row.standing == "full" else row.standing)


def _emphasis(row: Row) -> Emphasis:
    return "first" if row.tier == 1 and not row.is_unstable else ""


def _submission(row: Row) -> Cell:
    return Cell(
        row.submission_id[:_ID_SHOWN],
        note=day(row.submitted_at),
        link=f"submissions/{row.submission_id}.json",
    )


def _ends(row: Row) -> tuple[float, float] | None:
    low, high = row.headline.low, row.headline.high
    return None if low is None or high is None else (low, high)
