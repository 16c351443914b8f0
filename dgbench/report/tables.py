"""Boards as tables of results, and as CSV with a line for each run."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import replace

from dgbench.report.boards import Board
from dgbench.report.columns import columns
from dgbench.report.entries import Entry
from dgbench.report.legend import has_trials, legend, rules
from dgbench.standings.columns import RANK, TIER, Column
from dgbench.standings.number_format import NONE
from dgbench.standings.standing import lines_above
from dgbench.standings.table import Cell, Head, Table, head_of
from dgbench.standings.writers.latex import latex_tables
from dgbench.standings.writers.markdown import markdown
from dgbench.standings.writers.spreadsheet import csv_text
from dgbench.standings.writers.terminal import print_tables


def table_of(board: Board, *, is_wide: bool = False) -> Table:
    """The best entry first, the score that ranks with its interval. A wide one has all scores."""
    scores = columns(board, is_wide=is_wide)
    return Table(
        title=board.title,
        heads=(
            head_of(RANK),
            head_of(TIER),
            Head("Method", is_text=True, is_name=True),
            *([Head("Trial")] if has_trials(board) else []),
            Head("Seeds", "How many runs count, and what became of the others."),
            *map(head_of, scores),
        ),
        lines=tuple(tuple(_cells(board, entry, scores)) for entry in board.entries),
        notes=tuple(legend(board, is_wide=is_wide)),
        lines_above=lines_above(board.entries),
    )


def _cells(board: Board, entry: Entry, scores: Sequence[Column[Entry]]) -> Iterable[Cell]:
    yield Cell(RANK.text(entry))
    yield Cell(TIER.text(entry))
    yield Cell(entry.name)
    if has_trials(board):
        yield Cell(_trial(entry))
    others = [f"{len(seeds)} {status}" for status, seeds in entry.not_counted.items()]
    yield Cell(", ".join([str(len(entry.seeds)), *others]), "warn" if others else "")
    headline, *rest = scores
    yield Cell(_with_interval(entry, headline), "first" if is_best(board, entry) else "")
    yield from (Cell(column.text(entry)) for column in rest)


def _with_interval(entry: Entry, column: Column[Entry]) -> str:
    text, score = column.text(entry), entry.headline
    if score.low is None or score.high is None:
        return text
    low, high = (column.show(score.factor * end) for end in (score.low, score.high))
    return f"{text} [{low}, {high}]"


def is_best(board: Board, entry: Entry) -> bool:
    """Whether an entry stands out: in the first tier, or first of all where none is ranked.

    An unstable entry never does, since scatter earns nothing.
    """
    if any(other.place is not None for other in board.entries):
        return entry.tier == 1 and not entry.is_unstable
    return entry is board.entries[0] and bool(entry.scores) and entry.standing == "unranked"


def _trial(entry: Entry) -> str:
    if not entry.n_trials:
        return NONE
    return f"{'none' if entry.trial is None else entry.trial} of {entry.n_trials}"


def print_boards(boards: Sequence[Board], *, is_wide: bool = False) -> None:
    """All boards on the terminal."""
    print_tables(_one_below_the_other(boards, is_wide=is_wide))


def as_markdown(boards: Sequence[Board], *, is_wide: bool = False) -> str:
    """All boards as Markdown."""
    return markdown(_one_below_the_other(boards, is_wide=is_wide))


def _one_below_the_other(boards: Sequence[Board], *, is_wide: bool) -> list[Table]:
    """Tables for a reader who begins at the top: a rule stands below the first that needs it."""
    tables, said = [], set[str]()
    for board in boards:
        table = table_of(board, is_wide=is_wide)
        tables.append(replace(table, notes=tuple(note for note in table.notes if note not in said)))
        said.update(rules(board, is_wide=is_wide))
    return tables


def as_latex(boards: Sequence[Board], *, is_wide: bool = False) -> str:
    """All boards as LaTeX tables."""
    return latex_tables([table_of(board, is_wide=is_wide) for board in boards])


def as_csv(boards: Sequence[Board]) -> str:
    """A line for each run with its scores, unrounded. Runs that are not done have no scores."""
    rows = [row for board in boards for entry in board.entries for row in _rows(board, entry)]
    heads = list(dict.fromkeys(key for row in rows for key in row))
    return csv_text(heads, ([row.get(head) for head in heads] for row in rows))


def _rows(board: Board, entry: Entry) -> list[dict[str, object]]:
    done = [
        _row(board, entry, seed, "done") | _numbers(entry, place)
        for place, seed in enumerate(entry.seeds)
    ]
    others = [
        _row(board, entry, seed, status)
        for status, seeds in entry.not_counted.items()
        for seed in seeds
    ]
    return done + others


def _row(board: Board, entry: Entry, seed: int, status: str) -> dict[str, object]:
    configuration, headline = entry.configuration, entry.headline
    return {
        "benchmark": board.spec.id,
        "official": board.official,
        "development_only": board.development_only,
        "selection": board.selection,
        "uses": " ".join(board.uses),
        "method": configuration.method.name,
        "entry": entry.name,
        "configuration": configuration.digest[:12],
        "hyper_parameters": json.dumps(configuration.hyper_parameters),
        "trial": entry.trial,
        "standing": entry.standing,
        "rank": entry.rank,
        "tier": entry.tier,
        "is_unstable": entry.is_unstable if entry.place else None,
        "against_best": entry.against_best,
        "interval_over": board.sample,
        "low": headline.low,
        "high": headline.high,
        "seed": seed,
        "status": status,
    }


def _numbers(entry: Entry, place: int) -> dict[str, object]:
    run = entry.scores[place]
    return {
        "hps": run.hps,
        "up": run.up,
        "mp": run.mp,
        "retention": run.retention,
        "effective_patterns": run.effective_patterns,
        "worst_environment": run.worst_environment,
        "mean_environment": run.mean_environment,
        **{f"found.{name}": value for name, value in run.found.items()},
        **{f"trusted.{name}": value for name, value in run.trusted.items()},
        **{f"encoded.{name}": value for name, value in run.encoded.items()},
        **{f"reliance.{name}": value for name, value in (run.reliance or {}).items()},
        **{f"accuracy.{name}": value for name, value in run.accuracy.items()},
    }
