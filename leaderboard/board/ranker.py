"""Ranks and tiers of a group's entries, from the summaries and replicates in the store."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from threading import Lock
from typing import NamedTuple

import numpy as np
from jaxtyping import Float32
from sqlalchemy import select
from sqlalchemy.orm import Session

from dgbench.metrics.gram import quantised_deviations
from dgbench.metrics.ranking import Contender, places
from dgbench.metrics.replicates import rank_intervals
from leaderboard.board.arrays import replicates_from, summary_from
from leaderboard.board.rules import Entrant, Ranked
from leaderboard.store.models import EvidenceRow

_IDS_PER_STATEMENT = 500
"""Databases limit them."""
_MAX_ENTRIES = 2000
"""Entries whose arrays stay in memory, about 50 KB each."""


class _Arrays(NamedTuple):
    contender: Contender
    """Its summary is without image means, since ranking needs only the deviations."""
    replicates: Float32[np.ndarray, " r"]


class Ranker:
    """Ranks entrants, and keeps some arrays in memory, since they never change."""

    def __init__(self) -> None:
        self._arrays: dict[str, _Arrays] = {}
        self._lock = Lock()

    def __call__(self, session: Session, entrants: Sequence[Entrant]) -> dict[str, Ranked]:
        """Rank entrants, and return the place of each by its id."""
        if not entrants:
            return {}
        with self._lock:
            by_id = self._read(session, [entrant.id for entrant in entrants])
        # Equal names and scores are in the order of their ids, however they were given.
        in_order = sorted(entrants, key=lambda entrant: entrant.id)
        arrays = [by_id[entrant.id] for entrant in in_order]
        names = [entrant.method for entrant in in_order]
        placed = places([entry.contender for entry in arrays], names)
        intervals = rank_intervals(np.stack([entry.replicates for entry in arrays]))
        return {
            entrant.id: Ranked(place, min(place.rank, int(low)), max(place.rank, int(high)))
            for entrant, place, low, high in zip(
                in_order, placed, intervals.low, intervals.high, strict=True
            )
        }

    def _read(self, session: Session, identifiers: Sequence[str]) -> dict[str, _Arrays]:
        if len(self._arrays) > _MAX_ENTRIES:
            self._arrays.clear()
        arrays = {
            identifier: self._arrays[identifier]
            for identifier in identifiers
            if identifier in self._arrays
        }
        missing = [identifier for identifier in identifiers if identifier not in arrays]
        for start in range(0, len(missing), _IDS_PER_STATEMENT):
            arrays.update(_read_arrays(session, missing[start : start + _IDS_PER_STATEMENT]))
        self._arrays.update(arrays)
        return arrays


def _read_arrays(session: Session, identifiers: Sequence[str]) -> Iterator[tuple[str, _Arrays]]:
    rows = session.execute(
        select(
            EvidenceRow.submission_id,
            EvidenceRow.summary,
            EvidenceRow.image_means,
            EvidenceRow.replicates,
        ).where(EvidenceRow.submission_id.in_(identifiers))
    )
    for identifier, text, means, replicates in rows:
        summary = summary_from(text, means)
        no_means = np.broadcast_to(np.nan, len(summary.image_means))
        yield (
            identifier,
            _Arrays(
                Contender(replace(summary, image_means=no_means), quantised_deviations(summary)),
                replicates_from(replicates),
            ),
        )
