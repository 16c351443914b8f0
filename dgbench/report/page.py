"""The report as one HTML page that needs no network, no script and no other file."""

from collections.abc import Sequence
from html import escape
from importlib.resources import files

import numpy as np

from data_gen.foundation.errors import UsageError
from dgbench.metrics.intervals import Interval, interval_of, summarise, summarise_seeds
from dgbench.report.boards import Board
from dgbench.report.curves import about_curves, sweep_curves
from dgbench.report.entries import Entry
from dgbench.report.figures import against_cost, against_retention, domains, tiers
from dgbench.report.grid import ScoreGrid, grid_of
from dgbench.report.legend import legend
from dgbench.report.list_report import ListReport, list_report
from dgbench.report.pairs import pairs_of
from dgbench.report.tables import table_of
from dgbench.results.correctness import read_correct
from dgbench.standings.number_format import digits
from dgbench.standings.words import F, T, track
from dgbench.standings.writers.page import html_table, page


def as_html(
    boards: Sequence[Board], *, is_wide: bool = False, listed: ListReport | None = None
) -> str:
    """Write all boards as one page, with every score in wide tables.

    `listed` has what spans the benchmarks, by default an overview of all of them.
    """
    style = files("dgbench.report").joinpath("page.css").read_text(encoding="utf-8")
    sections = "".join(
        _section(board, index, is_wide=is_wide) for index, board in enumerate(boards)
    )
    rule = boards[0].selection
    across = listed or list_report(boards)
    lead = f"<h1>dgbench report</h1><p class=lead>{_about(boards)}</p>"
    body = f"{lead}{_links(boards)}{across.html}{_heat_map(boards)}{sections}"
    return page(f"dgbench report, selection {rule}", body, style=style)


def _links(boards: Sequence[Board]) -> str:
    """Write a line for each benchmark, with a link for each track."""
    by_benchmark: dict[str, list[str]] = {}
    for index, board in enumerate(boards):
        link = f'<a href="#board-{index}">track {escape(track(board.uses))}</a>'
        by_benchmark.setdefault(board.name, []).append(link)
    items = "".join(
        f"<li><strong>{escape(name)}</strong> {' &middot; '.join(links)}</li>"
        for name, links in by_benchmark.items()
    )
    return f"<nav aria-label=Boards><ul>{items}</ul></nav>"


def _about(boards: Sequence[Board]) -> str:
    entries = [entry for board in boards for entry in board.entries]
    n_done = sum(len(entry.seeds) for entry in entries)
    methods = {
        entry.configuration.method.name for entry in entries if entry.standing != "yardstick"
    }
    benchmarks = {board.spec.id for board in boards}
    sentences = [
        f"{_counted(n_done, 'run')} of {_counted(len(methods), 'method')} on "
        f"{_counted(len(benchmarks), 'benchmark')}, selection "
        f"by <strong>{boards[0].selection}</strong>."
    ]
    others: dict[str, int] = {}
    for entry in entries:
        for what, seeds in entry.not_counted.items():
            others[what] = others.get(what, 0) + len(seeds)
    if others:
        counts = ", ".join(f"{n} {what}" for what, n in others.items())
        sentences.append(f'<strong class="warn">Not counted: {counts}.</strong>')
    return " ".join(sentences)


def _counted(n: int, what: str) -> str:
    return f"{n} {what}" if n == 1 else f"{n} {what}s"


def _section(board: Board, index: int, *, is_wide: bool) -> str:
    drawn = [tiers(board), against_retention(board), against_cost(board)]
    figures = "".join(drawing for drawing in drawn if drawing)
    curves = "".join(sweep_curves(board))
    if curves:
        about = f"<p class=notes>{escape(about_curves(board))}</p>"
        curves = f"<h3>Over the trials</h3>{about}<div class=figures>{curves}</div>"
    notes = "".join(f"<p>{escape(note)}</p>" for note in legend(board, is_wide=is_wide))
    return (
        f'<section id="board-{index}"><h2>{escape(board.title)}</h2>'
        f"{html_table(table_of(board, is_wide=is_wide))}"
        f"<div class=notes>{notes}</div><div class=figures>{figures}</div>{curves}"
        f"{_pairs(board)}{_domains(board)}</section>"
    )


def _pairs(board: Board) -> str:
    """Write the verdicts on every two entries, folded away because there may be many."""
    table = pairs_of(board)
    if table is None:
        return ""
    notes = "".join(f"<p>{escape(note)}</p>" for note in table.notes)
    return (
        "<details><summary>Which entries differ from which</summary>"
        f"<div class=notes>{notes}</div>{html_table(table)}</details>"
    )


def _domains(board: Board) -> str:
    """Draw the bars of every entry, folded away because there may be many."""
    shown = [entry for entry in board.entries if entry.scores]
    chance = 1 / len(board.spec.classes)
    figures = "".join(domains(entry, _intervals(entry, board), chance) for entry in shown)
    if not figures:
        return ""
    return (
        "<details><summary>Accuracy on every domain, with 95 % intervals over "
        f"{board.sample}</summary><div class=figures>{figures}</div></details>"
    )


def _intervals(entry: Entry, board: Board) -> dict[str, Interval | None]:
    """Compute intervals of the accuracy on every domain, over the same sample as the ranks."""
    names = list(entry.scores[0].accuracy)
    if len(entry.scores) < 2:
        return dict.fromkeys(names)
    if board.sample == "seeds and images":
        by_seed = [read_correct(run.folder, run.record, names) or {} for run in entry.runs]
        return {
            name: interval_of(
                summarise(np.stack([correct[name] for correct in by_seed]).astype(float))
            )
            for name in names
        }
    return {
        name: interval_of(
            summarise_seeds(np.array([correct.accuracy[name] for correct in entry.scores]))
        )
        for name in names
    }


def _heat_map(boards: Sequence[Board]) -> str:
    """Write F and T of every pattern as a coloured table."""
    try:
        grid = grid_of(boards)
    except UsageError as problem:
        return f"<p class=notes>{escape(str(problem))}</p>"
    names = [column.benchmark for column in grid.columns]
    spans = "".join(
        f'<th scope="colgroup" colspan="{names.count(name)}">{escape(name)}</th>'
        for name in dict.fromkeys(names)
    )
    patterns = "".join(
        f'<th scope="col" class="{"hidden-pattern" if column.is_hidden else ""}">'
        f"<span>{escape(column.label)}</span></th>"
        for column in grid.columns
    )
    return (
        "<section><h2>What each method finds</h2><p class=notes>"
        f"{F.title}: {F.meaning}. {T.title}: {T.meaning}. Hidden patterns in bold.</p>"
        '<div class="scroll" tabindex="0" role="region" aria-label="Found and trusted patterns">'
        f"<table class=heat><thead><tr><td rowspan=2></td>{spans}</tr><tr>{patterns}</tr></thead>"
        f"<tbody>{_heat_rows(grid)}</tbody></table></div></section>"
    )


def _heat_rows(grid: ScoreGrid) -> str:
    rows = []
    for index, row in enumerate(grid.rows):
        if row.part and (index == 0 or grid.rows[index - 1].part != row.part):
            title = escape(row.part)
            rows.append(
                f'<tr class="track"><th colspan="{1 + len(grid.columns)}">{title}</th></tr>'
            )
        cells = "".join(map(_heat_cell, grid.values[index]))
        rows.append(f'<tr><th scope="row" class="method">{escape(row.name)}</th>{cells}</tr>')
    return "".join(rows)


def _heat_cell(value: float) -> str:
    if not np.isfinite(value):
        return '<td class="not-run"></td>'
    share = min(max(value, 0), 1)
    text = digits(2)(value)
    # Black and white are equally readable on 82 % of the light page's blue, 57 % of the dark one's.
    kind = "strong" if share > 0.82 else "middle" if share > 0.57 else ""
    return f'<td class="{kind}" style="--share:{100 * share:.0f}%">{text}</td>'
