"""Rules of ranking, as pure functions over the entries of one group."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from leaderboard.records import Standing, State


@dataclass(frozen=True, kw_only=True)
class Entrant:
    """The facts about a submission that ranking needs."""

    id: str
    received_at: str
    submitter: str
    method: str
    state: State
    standing: Standing
    score: float | None
    """The headline score."""
    tie_break: float
    """The accuracy on the worst domain."""

    @property
    def is_rankable(self) -> bool:
        """Whether it may be ranked: shown, complete, and with enough seeds."""
        return (
            self.state == "shown"
            and self.standing != "unranked"
            and self.score is not None
            and bool(np.isfinite(self.score))
        )


class RankInterval(NamedTuple):
    """A rank and its interval."""

    rank: int
    low: int
    high: int


def superseded(entrants: Sequence[Entrant]) -> dict[str, str]:
    """Find by id the later submission of the same method and submitter that replaces it.

    The newest is the one that its submitter stands by; taking the best would reward trying
    often.
    """
    newest: dict[tuple[str, str], Entrant] = {}
    for entrant in sorted(filter(_counts, entrants), key=_age):
        newest[entrant.submitter, entrant.method] = entrant
    return {
        entrant.id: last.id
        for entrant in entrants
        if (last := newest.get((entrant.submitter, entrant.method))) and _age(last) > _age(entrant)
    }


def attempts(entrants: Sequence[Entrant]) -> dict[str, int]:
    """Count by id how often its submitter has submitted its method, withdrawn ones included."""
    counts: dict[tuple[str, str], int] = {}
    for entrant in entrants:
        key = entrant.submitter, entrant.method
        counts[key] = counts.get(key, 0) + 1
    return {entrant.id: counts[entrant.submitter, entrant.method] for entrant in entrants}


def order(entrants: Sequence[Entrant], ranks: Mapping[str, RankInterval]) -> list[str]:
    """List the ids in the order of the rows, which does not depend on the order they came in."""

    def key(entrant: Entrant) -> tuple[float, float, float, str, str]:
        interval = ranks.get(entrant.id)
        return (
            interval.rank if interval else np.inf,
            -entrant.score if entrant.score is not None else np.inf,
            -entrant.tie_break,
            entrant.received_at,
            entrant.id,
        )

    return [entrant.id for entrant in sorted(entrants, key=key)]


def _counts(entrant: Entrant) -> bool:
    return entrant.is_rankable


def _age(entrant: Entrant) -> tuple[str, str]:
    return entrant.received_at, entrant.id
