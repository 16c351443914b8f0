"""The columns of a board: what `dgbench report` shows of its entries, in its order."""

from collections.abc import Callable, Iterator
from dataclasses import replace

from data_gen.spec import Spec
from dgbench.metrics.scores import Scores
from dgbench.metrics.trusted import ideal_voter
from dgbench.report.boards import Board
from dgbench.report.entries import Entry
from dgbench.standings import words
from dgbench.standings.columns import (
    Column,
    found_column,
    headline_column,
    mp_column,
    retention_column,
    trusted_column,
    up_column,
)
from dgbench.standings.number_format import digits


def columns(board: Board, *, is_wide: bool = False) -> list[Column[Entry]]:
    """The columns that a board has numbers for, first the one that ranks.

    A wide table has every score: F of a lone hidden pattern, which HPS is, and UP, MP and E too.
    """
    first, name = headline(board), board.score.name
    if name == "worst_environment":
        term = words.MEAN_ENVIRONMENT
        mean = _percent(term.title, term.help, lambda run: run.mean_environment)
        return [first, mean, *(_accuracy(test.name) for test in board.spec.test_domains)]
    if name == "hidden_accuracy":
        domains = list(dict.fromkeys(board.score.domains))
        return [first, _accuracy("id"), *map(_accuracy, domains if len(domains) > 1 else [])]
    others: list[Column[Entry]] = [
        _accuracy("id"),
        retention_column(),
        *_of_patterns(board.spec, is_wide=is_wide),
        *([up_column(), mp_column()] if is_wide else []),
    ]
    has_number = [
        any(column.pick(entry) is not None for entry in board.entries) for column in others
    ]
    return [first, *(column for column, keep in zip(others, has_number, strict=True) if keep)]


def ideal_trust(spec: Spec) -> float:
    """T of an ideal voter on this benchmark."""
    return ideal_voter(len(spec.patterns), len(spec.classes))


def _of_patterns(spec: Spec, *, is_wide: bool) -> Iterator[Column[Entry]]:
    """F where it is not HPS itself, and T, of the hidden patterns first."""
    names = sorted(spec.entries, key=lambda name: name not in spec.hidden)
    if len(spec.hidden) > 1 or is_wide:
        for name in names:
            yield found_column(name, is_hidden=name in spec.hidden)
    for name in names:
        yield trusted_column(name, is_hidden=name in spec.hidden, bound=ideal_trust(spec))
    if is_wide:
        yield from map(_encoded, names)


def _encoded(name: str) -> Column[Entry]:
    return Column(
        title=f"{words.E.title} {name}",
        help=f"{words.E.help} Here of **{name}**.",
        pick=lambda entry: entry.encoded.get(name),
        show=digits(2),
        kind="heat",
    )


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
