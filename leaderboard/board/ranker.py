"""Ranks of a group's entries, from the summaries and replicates in the store."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from threading import Lock
from typing import NamedTuple

import numpy as np
from jaxtyping import Float, Float32
from sqlalchemy import select
from sqlalchemy.orm import Session

from dgbench.metrics.gram import GramMatrix, gram_matrix, quantised_deviations
from dgbench.metrics.intervals import Summary
from dgbench.metrics.ranking import significance_ranks
from dgbench.metrics.replicates import rank_intervals
from leaderboard.board.arrays import replicates_from, summary_from
from leaderboard.board.rules import Entrant, RankInterval
from leaderboard.store.models import EvidenceRow

_IDS_PER_STATEMENT = 500
"""Databases limit them."""
_MAX_ENTRIES = 2000
"""Entries whose arrays stay in memory, about 50 KB each."""
_MAX_GROUPS = 8
"""Groups whose Gram matrices stay in memory, 32 MB at most each."""

_Deviations = Float32[np.ndarray, " i"]
"""Each image's deviation from an entry's mean, in whole steps."""


class _Arrays(NamedTuple):
    summary: Summary
    """Without its image means, since ranking needs only the deviations."""
    deviations: _Deviations
    replicates: Float32[np.ndarray, " r"]


class _Group:
    """The products of each two entries' deviations, to which a new entry adds a row."""

    def __init__(self) -> None:
        self._positions: dict[str, int] = {}
        self._products: Float[np.ndarray, "e e"] = np.empty((0, 0))

    def __contains__(self, identifier: str) -> bool:
        return identifier in self._positions

    def of(self, deviations: Mapping[str, _Deviations]) -> Float[np.ndarray, "e e"]:
        """Return the products of some entries, of which only new ones are multiplied."""
        missing = [identifier for identifier in deviations if identifier not in self._positions]
        if missing:
            self._add(missing, deviations)
        return self._between(list(deviations))

    def _add(self, missing: Sequence[str], deviations: Mapping[str, _Deviations]) -> None:
        """Add entries, and forget those that are no longer ranked, whose images are not here."""
        ranked = [identifier for identifier in self._positions if identifier in deviations]
        new = np.stack([deviations[identifier] for identifier in missing])
        rows = gram_matrix(
            new, np.stack([deviations[identifier] for identifier in (*ranked, *missing)])
        )
        before, n = self._between(ranked), len(ranked)
        self._products = np.block([[before, rows[:, :n].T], [rows]])
        self._positions = {
            identifier: position for position, identifier in enumerate((*ranked, *missing))
        }

    def _between(self, identifiers: Sequence[str]) -> Float[np.ndarray, "e e"]:
        positions = [self._positions[identifier] for identifier in identifiers]
        return self._products[np.ix_(positions, positions)]


class Ranker:
    """Ranks entrants, and keeps some arrays and products in memory, since they never change."""

    def __init__(self) -> None:
        self._arrays: dict[str, _Arrays] = {}
        self._groups: list[_Group] = []
        self._lock = Lock()

    def __call__(self, session: Session, entrants: Sequence[Entrant]) -> dict[str, RankInterval]:
        """Rank entrants, and return the place of each by its id."""
        if not entrants:
            return {}
        with self._lock:
            by_id = self._read(session, [entrant.id for entrant in entrants])
            arrays = [by_id[entrant.id] for entrant in entrants]
            gram = self._gram({entrant.id: by_id[entrant.id].deviations for entrant in entrants})
        ranks = significance_ranks([entry.summary for entry in arrays], gram=gram)
        intervals = rank_intervals(np.stack([entry.replicates for entry in arrays]))
        return {
            entrant.id: RankInterval(int(rank), min(int(rank), int(low)), max(int(rank), int(high)))
            for entrant, rank, low, high in zip(
                entrants, ranks, intervals.low, intervals.high, strict=True
            )
        }

    def _gram(self, deviations: Mapping[str, _Deviations]) -> GramMatrix:
        """Multiply a group's entries, most of them from memory unless the group is too large."""
        if len(deviations) > _MAX_ENTRIES:
            return GramMatrix.lazy(np.stack(list(deviations.values())))
        # A submission is in one group only, so any entry tells which group it is.
        group = next(
            (g for g in self._groups if any(identifier in g for identifier in deviations)),
            _Group(),
        )
        others = [other for other in self._groups if other is not group]
        self._groups = [group, *others][:_MAX_GROUPS]
        return GramMatrix.precomputed(group.of(deviations))

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
                replace(summary, image_means=no_means),
                quantised_deviations(summary),
                replicates_from(replicates),
            ),
        )
