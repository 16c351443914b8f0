"""Boards as tables of text, and what becomes of them: a terminal's, Markdown, CSV."""

import csv
import io
from collections.abc import Callable, Sequence
from statistics import mean, stdev
from typing import NamedTuple

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from dgbench.metrics.scores import Scores
from dgbench.report.boards import Board, Entry

RETAINED = 0.95
"""ID retention below which an entry is marked."""
MARK = "*"
Pick = Callable[[Scores], float | None]


class Column(NamedTuple):
    """One number of every entry."""

    title: str
    pick: Pick
    factor: float = 1
    digits: int = 2
    shows_spread: bool = False


def columns(board: Board) -> list[Column]:
    """The columns that a board has numbers for."""
    if board.spec.training_environments:
        environments = [test.name for test in board.spec.test_domains]
        return [
            Column("worst %", lambda found: found.worst_environment, 100, 1, True),
            Column("mean %", lambda found: found.mean_environment, 100, 1),
            *(Column(f"{name} %", _accuracy(name), 100, 1) for name in environments),
        ]
    shown = [
        Column("HPS", lambda found: found.hps, 1, 3, True),
        Column("MPS", lambda found: found.mps),
        Column("id %", _accuracy("id"), 100, 1),
        Column("R", lambda found: found.retention),
        *(Column(f"PF {name}", _found(name)) for name in board.spec.entries),
    ]
    if board.reference is None:
        only = [f"only.{name}" for name in board.spec.hidden]
        canonical = dict.fromkeys(board.spec.aliases.get(name, name) for name in only)
        return [shown[2], *(Column(f"{name} %", _accuracy(name), 100, 1, True)
                            for name in canonical)]  # fmt: skip
    return [
        column
        for column in shown
        if any(column.pick(found) is not None for entry in board.entries for found in entry.scores)
    ]


def _accuracy(name: str) -> Pick:
    return lambda found: found.accuracy.get(name)


def _found(name: str) -> Pick:
    return lambda found: (found.pattern_found or {}).get(name)


def cell(entry: Entry, column: Column) -> str:
    """The mean over seeds, with the standard deviation where the column shows it."""
    values = [column.pick(found) for found in entry.scores]
    known = [column.factor * value for value in values if value is not None]
    if not known or len(known) < len(values):
        return "-"
    text = f"{mean(known):.{column.digits}f}"
    if column.title == "R" and mean(known) < RETAINED:
        text += MARK
    if column.shows_spread:
        text += f" ±{stdev(known):.{column.digits}f}" if len(known) > 1 else ""
    return text


def seeds(entry: Entry) -> str:
    """How many runs count, and what became of the others."""
    others = [f"{len(of)} {what}" for what, of in entry.not_counted.items()]
    return ", ".join([str(len(entry.seeds)), *others])


def legend(board: Board) -> list[str]:
    """What a reader of the table needs to know, a sentence each."""
    lines = ["Means over the seeds that are done, ± their standard deviation."]
    if board.spec.training_environments:
        return lines
    if board.reference is None:
        lines.append(
            "No reference values hold for this data, so there are no PF, HPS, MPS and R: "
            f"`dgbench ceilings {board.spec.name}` measures them."
        )
        return lines
    hidden = ", ".join(board.spec.hidden)
    lines.append(
        "PF: share of what can be learnt from a pattern alone that is found, 0 by chance, 1 the "
        f"ceiling. HPS: mean PF of the hidden patterns ({hidden}). MPS: the same with the dominant "
        "pattern missing. R: accuracy in the training domain against ERM's"
        f"{f', {MARK} below {RETAINED}' if _is_marked(board) else ''}."
    )
    return lines


def _is_marked(board: Board) -> bool:
    return any((entry.mean("retention") or 1) < RETAINED for entry in board.entries)


def print_boards(boards: Sequence[Board]) -> None:
    """All boards on the terminal."""
    console = Console()
    if not console.is_terminal:
        # Elsewhere lines have no end: a table that is cut could not be read by anyone.
        console = Console(width=200)
    for board in boards:
        shown = columns(board)
        console.print(f"\n[bold cyan]{escape(board.title)}[/]\n", highlight=False)
        table = Table(box=None, padding=(0, 2, 0, 0), header_style="bold")
        table.add_column("method")
        table.add_column("seeds", justify="right")
        for column in shown:
            table.add_column(column.title.replace(" ", "\n", 1), justify="right", vertical="bottom")
        for entry in board.entries:
            cells = [cell(entry, column) for column in shown]
            table.add_row(escape(entry.name), seeds(entry), *cells)
        console.print(table)
        width = min(console.width, 100)
        console.print()
        for line in legend(board):
            console.print(f"[dim]{escape(line)}[/]", width=width, highlight=False)


def as_markdown(boards: Sequence[Board]) -> str:
    """All boards as Markdown."""
    blocks = []
    for board in boards:
        shown = columns(board)
        heads = ["method", "seeds", *(column.title for column in shown)]
        rows = [
            [entry.name, seeds(entry), *(cell(entry, column) for column in shown)]
            for entry in board.entries
        ]
        lines = [heads, ["---", *["---:"] * (len(heads) - 1)], *rows]
        table = "\n".join(f"| {' | '.join(map(_plain, line))} |" for line in lines)
        notes = _plain(" ".join(legend(board)))
        blocks.append(f"**{board.title}**\n\n{table}\n\n{notes}\n")
    return "\n".join(blocks)


def _plain(text: str) -> str:
    return text.replace("|", "\\|").replace(MARK, f"\\{MARK}")


def as_csv(boards: Sequence[Board]) -> str:
    """One line a run that counts, with every accuracy and score, unrounded."""
    stream = io.StringIO()
    rows = [_row(board, entry, at) for board in boards for entry in board.entries
            for at in range(len(entry.seeds))]  # fmt: skip
    heads = list(dict.fromkeys(key for row in rows for key in row))
    writer = csv.DictWriter(stream, heads, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return stream.getvalue()


def _row(board: Board, entry: Entry, at: int) -> dict[str, object]:
    found, of = entry.scores[at], entry.configuration
    return {
        "benchmark": board.spec.id, "official": board.official, "selection": board.selection,
        "uses": " ".join(board.uses), "method": of.method.name, "entry": entry.name,
        "configuration": of.digest[:12], "seed": entry.seeds[at], "hps": found.hps,
        "mps": found.mps, "retention": found.retention,
        "effective_patterns": found.effective_patterns,
        "worst_environment": found.worst_environment,
        "mean_environment": found.mean_environment,
        **{f"pattern_found.{name}": value for name, value in (found.pattern_found or {}).items()},
        **{f"reliance.{name}": value for name, value in (found.reliance or {}).items()},
        **{f"accuracy.{name}": value for name, value in found.accuracy.items()},
    }  # fmt: skip
