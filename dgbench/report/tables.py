"""Boards as tables of text: a terminal's, Markdown, CSV, LaTeX."""

import csv
import io
import json
from collections.abc import Sequence

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from dgbench.report.boards import Board
from dgbench.report.columns import MARK, Line, columns, has_trials, legend, lines
from dgbench.report.entries import Entry


def heads(board: Board) -> list[str]:
    """The titles of all columns."""
    trial = ["trial"] if has_trials(board) else []
    return ["rank", "method", *trial, "seeds", *(column.title for column in columns(board))]


def texts(board: Board, line: Line) -> list[str]:
    """The cells of a row, as many as there are titles."""
    trial = [line.trial or "-"] if has_trials(board) else []
    return [line.rank, line.name, *trial, line.seeds, *line.cells]


def print_boards(boards: Sequence[Board]) -> None:
    """All boards on the terminal."""
    console = Console()
    if not console.is_terminal:
        # Elsewhere lines have no end: a table that is cut could not be read by anyone.
        console = Console(width=200)
    for board in boards:
        console.print(f"\n[bold cyan]{escape(board.title)}[/]\n", highlight=False)
        table = Table(box=None, padding=(0, 2, 0, 0), header_style="bold")
        for title in heads(board):
            is_name = title == "method"
            table.add_column(
                title.replace(" ", "\n", 1),
                justify="left" if is_name else "right",
                vertical="top" if is_name else "bottom",
            )
        for line in lines(board):
            table.add_row(*map(escape, texts(board, line)))
        console.print(table)
        width = min(console.width, 100)
        console.print()
        for note in legend(board):
            console.print(f"[dim]{escape(note)}[/]", width=width, highlight=False)


def as_markdown(boards: Sequence[Board]) -> str:
    """All boards as Markdown."""
    blocks = []
    for board in boards:
        titles = heads(board)
        marks = ["---" if title == "method" else "---:" for title in titles]
        rows = [titles, marks, *(texts(board, line) for line in lines(board))]
        table = "\n".join(f"| {' | '.join(map(_plain, row))} |" for row in rows)
        notes = _plain(" ".join(legend(board)))
        blocks.append(f"**{board.title}**\n\n{table}\n\n{notes}\n")
    return "\n".join(blocks)


def _plain(text: str) -> str:
    return text.replace("|", "\\|").replace(MARK, f"\\{MARK}")


def as_latex(boards: Sequence[Board]) -> str:
    """All boards as LaTeX tables for the package booktabs; the best and its ties are bold."""
    return "% needs \\usepackage{booktabs}\n\n" + "\n".join(map(_latex_table, boards))


def _latex_table(board: Board) -> str:
    titles = heads(board)
    kinds = "".join("l" if title == "method" else "r" for title in titles)
    ranks = [entry.rank for entry in board.entries if entry.rank is not None]
    body = []
    for at, line in enumerate(lines(board)):
        cells = [_latex(text) for text in texts(board, line)]
        # Without ranks nothing is known of ties, and the highest number alone is bold.
        if line.entry.rank == 1 if ranks else at == 0 and line.entry.scores:
            place = titles.index(columns(board)[0].title)
            cells[place] = f"\\textbf{{{cells[place]}}}"
        body.append(f"{' & '.join(cells)} \\\\")
    return "\n".join(
        [
            "\\begin{table}",
            "\\centering",
            f"\\caption{{{_latex(board.title)}. {_latex(' '.join(legend(board)))}}}",
            f"\\begin{{tabular}}{{{kinds}}}",
            "\\toprule",
            f"{' & '.join(map(_latex, titles))} \\\\",
            "\\midrule",
            *body,
            "\\bottomrule",
            "\\end{tabular}",
            "\\end{table}",
            "",
        ]
    )


_LATEX = {
    "\\": r"\textbackslash{}",
    "{": r"\{",
    "}": r"\}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    **{character: f"\\{character}" for character in "&%$#_"},
}


def _latex(text: str) -> str:
    # A row must not begin with a bracket: after \\ LaTeX takes it for a distance.
    escaped = "".join(_LATEX.get(character, character) for character in text)
    return escaped.replace("[", "{[}").replace("]", "{]}")


def as_csv(boards: Sequence[Board]) -> str:
    """One line a run, with every score unrounded; without any where it is not done."""
    stream = io.StringIO()
    rows = [row for board in boards for entry in board.entries for row in _rows(board, entry)]
    titles = list(dict.fromkeys(key for row in rows for key in row))
    writer = csv.DictWriter(stream, titles, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return stream.getvalue()


def _rows(board: Board, entry: Entry) -> list[dict[str, object]]:
    done = [
        _row(board, entry, seed, "done") | _numbers(entry, at)
        for at, seed in enumerate(entry.seeds)
    ]
    others = [
        _row(board, entry, seed, what)
        for what, seeds in entry.not_counted.items()
        for seed in seeds
    ]
    return done + others


def _row(board: Board, entry: Entry, seed: int, status: str) -> dict[str, object]:
    of, interval = entry.configuration, entry.interval
    return {
        "benchmark": board.spec.id,
        "official": board.official,
        "selection": board.selection,
        "uses": " ".join(board.uses),
        "method": of.method.name,
        "entry": entry.name,
        "configuration": of.digest[:12],
        "hyper_parameters": json.dumps(of.hyper_parameters),
        "trial": entry.trial,
        "rank": entry.rank,
        "interval_over": board.sample,
        "low": interval.low if interval else None,
        "high": interval.high if interval else None,
        "seed": seed,
        "status": status,
    }


def _numbers(entry: Entry, at: int) -> dict[str, object]:
    found = entry.scores[at]
    return {
        "hps": found.hps,
        "mps": found.mps,
        "retention": found.retention,
        "effective_patterns": found.effective_patterns,
        "worst_environment": found.worst_environment,
        "mean_environment": found.mean_environment,
        **{f"pattern_found.{name}": value for name, value in (found.pattern_found or {}).items()},
        **{f"reliance.{name}": value for name, value in (found.reliance or {}).items()},
        **{f"accuracy.{name}": value for name, value in found.accuracy.items()},
    }
