"""Ranks of a group's entries from the summaries and replicates that were kept of each."""

from collections.abc import Sequence
from threading import Lock
from typing import NamedTuple

import numpy as np
from jaxtyping import Float32
from sqlalchemy import select
from sqlalchemy.orm import Session

from dgbench.metrics.intervals import Summary
from dgbench.metrics.ranking import rank_intervals, significance_ranks
from leaderboard.evidence import replicates_from, summary_from
from leaderboard.ranking import Entrant, Place
from leaderboard.store.models import EvidenceRow

_AT_ONCE = 500
"""Ids in one statement; databases limit them."""
_REMEMBERED = 2000
"""Entries whose arrays stay in memory, about 90 KB each."""


class _Kept(NamedTuple):
    summary: Summary
    replicates: Float32[np.ndarray, " r"]


class Ranker:
    """Ranks entrants, and keeps some of the arrays it has read: they never change."""

    def __init__(self) -> None:
        self._kept: dict[str, _Kept] = {}
        self._lock = Lock()

    def __call__(self, session: Session, entrants: Sequence[Entrant]) -> dict[str, Place]:
        """The place of each entrant, by its id."""
        if not entrants:
            return {}
        with self._lock:
            found = self._read(session, [one.id for one in entrants])
        ranks = significance_ranks([found[one.id].summary for one in entrants])
        intervals = rank_intervals(np.stack([found[one.id].replicates for one in entrants]))
        return {
            one.id: Place(int(rank), min(int(rank), int(low)), max(int(rank), int(high)))
            for one, rank, low, high in zip(
                entrants, ranks, intervals.low, intervals.high, strict=True
            )
        }

    def _read(self, session: Session, identifiers: Sequence[str]) -> dict[str, _Kept]:
        if len(self._kept) > _REMEMBERED:
            self._kept.clear()
        found = {one: self._kept[one] for one in identifiers if one in self._kept}
        missing = [one for one in identifiers if one not in found]
        columns = (EvidenceRow.submission_id, EvidenceRow.summary, EvidenceRow.image_means,
                   EvidenceRow.replicates)  # fmt: skip
        for start in range(0, len(missing), _AT_ONCE):
            wanted = EvidenceRow.submission_id.in_(missing[start : start + _AT_ONCE])
            for identifier, text, means, replicates in session.execute(
                select(*columns).where(wanted)
            ):
                found[identifier] = _Kept(summary_from(text, means), replicates_from(replicates))
        self._kept.update(found)
        return found
