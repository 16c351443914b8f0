"""Rules of ranking, as pure functions over the entries of one group."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from dgbench.metrics.ranking import Place
from dgbench.standings.standing import RANKED, part_of
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

    @property
    def is_rankable(self) -> bool:
        """Whether it may be ranked: shown, complete, with enough seeds, and kept to the task."""
        return self.state == "shown" and self.standing in RANKED and self.has_score

    @property
    def has_score(self) -> bool:
        """Whether its score is a number."""
        return self.score is not None and bool(np.isfinite(self.score))


class Ranked(NamedTuple):
    """The place of a ranked entry, and the interval of its rank."""

    place: Place
    low: int
    high: int


def place_fields(ranked: Ranked | None) -> dict[str, Any]:
    """The fields of a row that say where it stands. Without a place it is unranked."""
    if ranked is None:
        return {
            **dict.fromkeys(("rank", "rank_low", "rank_high", "tier", "against_best")),
            "is_unstable": False,
        }
    return {**ranked.place._asdict(), "rank_low": ranked.low, "rank_high": ranked.high}


def superseded(entrants: Sequence[Entrant]) -> dict[str, str]:
    """Find by id the later submission of the same method and submitter that replaces it.

    The newest is the one that its submitter stands by; taking the best would reward trying
    often. One that is not ranked replaces only others that are not.
    """
    newest: dict[tuple[str, str], Entrant] = {}
    newest_unranked: dict[tuple[str, str], Entrant] = {}
    for entrant in sorted(entrants, key=_age):
        if _counts(entrant):
            newest[entrant.submitter, entrant.method] = entrant
        elif entrant.state == "shown":
            newest_unranked[entrant.submitter, entrant.method] = entrant
    replaced = {}
    for entrant in entrants:
        key = entrant.submitter, entrant.method
        last = newest.get(key)
        if last is None and not _counts(entrant):
            last = newest_unranked.get(key)
        if last is not None and _age(last) > _age(entrant):
            replaced[entrant.id] = last.id
    return replaced


def attempts(entrants: Sequence[Entrant]) -> dict[str, int]:
    """Count by id how often its submitter has submitted its method, withdrawn ones included."""
    counts: dict[tuple[str, str], int] = {}
    for entrant in entrants:
        key = entrant.submitter, entrant.method
        counts[key] = counts.get(key, 0) + 1
    return {entrant.id: counts[entrant.submitter, entrant.method] for entrant in entrants}


def order(entrants: Sequence[Entrant], ranks: Mapping[str, Ranked]) -> list[str]:
    """List the ids in the order of the rows: by rank, then those that are listed only, by score."""

    def key(entrant: Entrant) -> tuple[float, int, float, str, str]:
        ranked = ranks.get(entrant.id)
        return (
            ranked.place.rank if ranked else np.inf,
            part_of(entrant.standing),
            -entrant.score if entrant.score is not None else np.inf,
            entrant.method,
            entrant.id,
        )

    return [entrant.id for entrant in sorted(entrants, key=key)]


def _counts(entrant: Entrant) -> bool:
    """Whether it replaces an earlier one. An entry that gave up the task does as well."""
    return entrant.state == "shown" and entrant.standing != "unranked" and entrant.has_score


def _age(entrant: Entrant) -> tuple[str, str]:
    return entrant.received_at, entrant.id
