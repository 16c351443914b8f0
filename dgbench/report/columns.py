"""The columns of a board: what `dgbench report` shows of its entries, in its order."""

from collections.abc import Callable
from dataclasses import replace

from dgbench.metrics.scores import Scores
from dgbench.report.boards import Board
from dgbench.report.entries import Entry
from dgbench.standings import words
from dgbench.standings.columns import (
    Column,
    headline_column,
    mps_column,
    pattern_found_column,
    retention_column,
)
from dgbench.standings.number_format import digits


def columns(board: Board) -> list[Column[Entry]]:
    """The columns that a board has numbers for, first the one that ranks."""
    first, name = headline(board), board.score.name
    if name == "worst_environment":
        term = words.MEAN_ENVIRONMENT
        mean = _percent(term.title, term.help, lambda run: run.mean_environment)
        return [first, mean, *(_accuracy(test.name) for test in board.spec.test_domains)]
    if name == "hidden_accuracy":
        domains = list(dict.fromkeys(board.score.domains))
        return [first, _accuracy("id"), *map(_accuracy, domains if len(domains) > 1 else [])]
    hidden = board.spec.hidden
    others: list[Column[Entry]] = [
        mps_column(),
        _accuracy("id"),
        retention_column(),
        *(pattern_found_column(name, is_hidden=name in hidden) for name in board.spec.entries),
    ]
    has_number = [
        any(column.pick(entry) is not None for entry in board.entries) for column in others
    ]
    return [first, *(column for column, keep in zip(others, has_number, strict=True) if keep)]


def headline(board: Board) -> Column[Entry]:
    """The column that ranks, with its unit in its head."""
    score = board.score
    show = digits(1) if score.unit else digits(3)
    column: Column[Entry] = headline_column(score.name, hidden=board.spec.hidden, show=show)
    domains = set(score.domains)
    title = domains.pop() if score.name == "hidden_accuracy" and len(domains) == 1 else score.title
    return replace(
        column,
        title=f"{title} {score.unit}".strip(),
        pick=lambda entry: entry.over_seeds(score.of, factor=score.factor),
    )


def _accuracy(domain: str) -> Column[Entry]:
    return _percent(
        domain, f"Accuracy on the domain {domain}.", lambda run: run.accuracy.get(domain)
    )


def _percent(title: str, told: str, pick: Callable[[Scores], float | None]) -> Column[Entry]:
    """A column of shares in per cent, with the unit in its head."""
    return Column(
        title=f"{title} %",
        help=told,
        pick=lambda entry: entry.over_seeds(pick, factor=100),
        show=digits(1),
        kind="number",
    )
