"""Ranks of a group's entries from the summaries and replicates that were kept of each."""

from collections.abc import Mapping, Sequence
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
from leaderboard.board.rules import Entrant, Place
from leaderboard.store.models import EvidenceRow

_AT_ONCE = 500
"""Ids in one statement, since databases limit them."""
_REMEMBERED = 2000
"""Entries whose arrays stay in memory, about 50 KB each."""
_GROUPS = 8
"""Groups whose Gram matrix stays in memory, 32 MB at most each."""


class _Kept(NamedTuple):
    summary: Summary
    """Without its image means, of which the steps hold what ranking needs."""
    steps: Float32[np.ndarray, " i"]
    replicates: Float32[np.ndarray, " r"]


_Steps = Float32[np.ndarray, " i"]


class _Products:
    """What ranking multiplies of each two entries of a group; one that comes adds a row."""

    def __init__(self) -> None:
        self._at: dict[str, int] = {}
        self._found: Float[np.ndarray, "e e"] = np.empty((0, 0))

    def __contains__(self, identifier: str) -> bool:
        return identifier in self._at

    def of(self, steps: Mapping[str, _Steps]) -> Float[np.ndarray, "e e"]:
        """The products of some entries, with those that were found before."""
        missing = [one for one in steps if one not in self._at]
        if missing:
            self._add(missing, steps)
        return self._between(list(steps))

    def _add(self, missing: Sequence[str], steps: Mapping[str, _Steps]) -> None:
        """Those that are ranked no more are forgotten: their images are not at hand."""
        known = [one for one in self._at if one in steps]
        new = np.stack([steps[one] for one in missing])
        rows = gram_matrix(new, np.stack([steps[one] for one in [*known, *missing]]))
        before, n = self._between(known), len(known)
        self._found = np.block([[before, rows[:, :n].T], [rows]])
        self._at = {one: at for at, one in enumerate([*known, *missing])}

    def _between(self, identifiers: Sequence[str]) -> Float[np.ndarray, "e e"]:
        order = [self._at[one] for one in identifiers]
        return self._found[np.ix_(order, order)]


class Ranker:
    """Ranks entrants, and keeps some of what it has read and multiplied: it never changes."""

    def __init__(self) -> None:
        self._kept: dict[str, _Kept] = {}
        self._groups: list[_Products] = []
        self._lock = Lock()

    def __call__(self, session: Session, entrants: Sequence[Entrant]) -> dict[str, Place]:
        """The place of each entrant, by its id."""
        if not entrants:
            return {}
        with self._lock:
            found = self._read(session, [one.id for one in entrants])
            gram = self._gram({one.id: found[one.id].steps for one in entrants})
        ranks = significance_ranks([found[one.id].summary for one in entrants], gram=gram)
        intervals = rank_intervals(np.stack([found[one.id].replicates for one in entrants]))
        return {
            one.id: Place(int(rank), min(int(rank), int(low)), max(int(rank), int(high)))
            for one, rank, low, high in zip(
                entrants, ranks, intervals.low, intervals.high, strict=True
            )
        }

    def _gram(self, steps: Mapping[str, _Steps]) -> GramMatrix:
        """Kept where the group is not too large; a submission is in one group only."""
        if len(steps) > _REMEMBERED:
            return GramMatrix.lazy(np.stack(list(steps.values())))
        group = next((g for g in self._groups if any(one in g for one in steps)), _Products())
        self._groups = [group, *(each for each in self._groups if each is not group)][:_GROUPS]
        return GramMatrix.precomputed(group.of(steps))

    def _read(self, session: Session, identifiers: Sequence[str]) -> dict[str, _Kept]:
        if len(self._kept) > _REMEMBERED:
            self._kept.clear()
        found = {one: self._kept[one] for one in identifiers if one in self._kept}
        missing = [one for one in identifiers if one not in found]
        columns = (
            EvidenceRow.submission_id,
            EvidenceRow.summary,
            EvidenceRow.image_means,
            EvidenceRow.replicates,
        )
        for start in range(0, len(missing), _AT_ONCE):
            wanted = EvidenceRow.submission_id.in_(missing[start : start + _AT_ONCE])
            for identifier, text, means, replicates in session.execute(
                select(*columns).where(wanted)
            ):
                summary = summary_from(text, means)
                none = np.broadcast_to(np.nan, len(summary.image_means))
                found[identifier] = _Kept(
                    replace(summary, image_means=none),
                    quantised_deviations(summary),
                    replicates_from(replicates),
                )
        self._kept.update(found)
        return found
