"""The columns of a board's table, and what stands in its cells."""

from collections.abc import Sequence
from statistics import mean
from typing import NamedTuple

from dgbench.report.boards import Board
from dgbench.report.entries import RANKED_SEEDS, Entry, Pick, headline

RETAINED = 0.95
"""ID retention below which an entry is marked."""
MARK = "*"


class Column(NamedTuple):
    """One number of every entry."""

    title: str
    pick: Pick
    factor: float = 1
    digits: int = 2
    is_ranked: bool = False
    """Whether entries are ranked by it; it has intervals."""


class Line(NamedTuple):
    """A row of a table as text."""

    entry: Entry
    rank: str
    name: str
    trial: str
    """Empty outside sweeps."""
    seeds: str
    cells: tuple[str, ...]


def columns(board: Board) -> list[Column]:
    """The columns that a board has numbers for; the one that ranks is the first."""
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
        each = [Column(f"{name} %", _accuracy(name), 100, 1) for name in canonical]
        if len(each) == 1:
            return [each[0]._replace(is_ranked=True), shown[2]]
        first = Column("hidden %", lambda found: headline(found, board.spec), 100, 1, True)
        return [first, shown[2], *each]
    return [
        column
        for column in shown
        if any(column.pick(found) is not None for entry in board.entries for found in entry.scores)
    ]


def _accuracy(name: str) -> Pick:
    return lambda found: found.accuracy.get(name)


def _found(name: str) -> Pick:
    return lambda found: (found.pattern_found or {}).get(name)


def lines(board: Board) -> list[Line]:
    """A row for every entry, the best first."""
    shown = columns(board)
    return [
        Line(
            entry=entry,
            rank="-" if entry.rank is None else str(entry.rank),
            name=entry.name,
            trial=_trial(entry),
            seeds=_seeds(entry),
            cells=tuple(_cell(entry, column) for column in shown),
        )
        for entry in board.entries
    ]


def has_trials(board: Board) -> bool:
    """Whether the table says which trial was chosen."""
    return any(entry.n_trials for entry in board.entries)


def value(entry: Entry, column: Column) -> float | None:
    """The mean over seeds; None where one of them has no number."""
    values = [column.pick(found) for found in entry.scores]
    known = [column.factor * value for value in values if value is not None]
    return mean(known) if known and len(known) == len(values) else None


def _cell(entry: Entry, column: Column) -> str:
    """The mean over seeds, with its interval in the column that ranks."""
    found = value(entry, column)
    if found is None:
        return "-"
    text = _fixed(found, column.digits)
    if column.title == "R" and found < RETAINED:
        text += MARK
    if column.is_ranked and entry.interval is not None:
        ends = (entry.interval.low, entry.interval.high)
        text += f" [{', '.join(_fixed(column.factor * end, column.digits) for end in ends)}]"
    return text


def _fixed(number: float, digits: int) -> str:
    text = f"{number:.{digits}f}"
    return text.removeprefix("-") if float(text) == 0 else text


def _seeds(entry: Entry) -> str:
    """How many runs count, and what became of the others."""
    others = [f"{len(of)} {what}" for what, of in entry.not_counted.items()]
    return ", ".join([str(len(entry.seeds)), *others])


def _trial(entry: Entry) -> str:
    if not entry.n_trials:
        return ""
    return (
        f"none of {entry.n_trials}" if entry.trial is None else f"{entry.trial} of {entry.n_trials}"
    )


def legend(board: Board) -> list[str]:
    """What a reader of the table needs to know, a sentence each."""
    notes = [*_about_scores(board), _about_intervals(board), *_about_selection(board)]
    reasons = [f"{entry.name}: {entry.note}." for entry in board.entries if entry.note]
    if board.not_run:
        reasons.append(f"Declared by the sweep, and not run here: {', '.join(board.not_run)}.")
    if board.lacks_trials:
        reasons.append(f"Trials of the sweep that were not begun: {', '.join(board.lacks_trials)}.")
    return notes + reasons


def _about_intervals(board: Board) -> str:
    if board.sample == "seeds":
        over = "seeds alone, for the predictions of some runs are not there"
    else:
        over = "seeds and images"
    return (
        f"Means over the seeds that are done; in brackets the 95 % interval over {over}. Rank: 1 + "
        "the number of significantly better methods (Holm, 0.05); none with fewer than "
        f"{RANKED_SEEDS} seeds."
    )


def _about_selection(board: Board) -> list[str]:
    if not has_trials(board):
        return []
    rules = {
        "fixed": "Trial 0, the defaults.",
        "id-val": "The trial with the best accuracy on held-out digits of the training domain.",
        "constrained-id": "The most strongly regularised trial within 1 % of the best accuracy on "
        "held-out digits of the training domain.",
        "leave-one-pattern-out": "The trial that is best on development domains of benchmarks "
        "that hide their patterns behind other ones.",
        "oracle": "The trial that is best on this benchmark's own development domains: an upper "
        "bound, not a result.",
    }
    return [f"Trial: which one of how many. {rules[board.selection]}"]


def _about_scores(board: Board) -> Sequence[str]:
    if board.spec.training_environments:
        return []
    if board.reference is None:
        return [
            "No reference values hold for this data, so there are no PF, HPS, MPS and R: "
            f"`dgbench ceilings {board.spec.name}` measures them."
        ]
    hidden = ", ".join(board.spec.hidden)
    is_marked = any((entry.mean("retention") or 1) < RETAINED for entry in board.entries)
    return [
        "PF: share of what can be learnt from a pattern alone that is found, 0 by chance, 1 the "
        f"ceiling. HPS: mean PF of the hidden patterns ({hidden}). MPS: the same with the dominant "
        "pattern missing. R: accuracy in the training domain against ERM's"
        f"{f', {MARK} below {RETAINED}' if is_marked else ''}."
    ]
