"""Ranks of a group's entries from the replicates that were kept of each."""

from collections.abc import Sequence
from threading import Lock

import numpy as np
from jaxtyping import Float
from sqlalchemy import select
from sqlalchemy.orm import Session

from leaderboard.ranking import Entrant, Place, Replicates
from leaderboard.store.models import EvidenceRow

_ALPHA = 0.05
_AT_ONCE = 500
"""Ids in one statement; databases limit them."""


class Ranker:
    """Ranks entrants, and keeps the replicates it has read: they never change."""

    def __init__(self) -> None:
        self._kept: dict[str, bytes] = {}
        self._lock = Lock()

    def __call__(self, session: Session, entrants: Sequence[Entrant]) -> dict[str, Place]:
        """The place of each entrant, by its id."""
        if not entrants:
            return {}
        with self._lock:
            replicates = self._replicates(session, [one.id for one in entrants])
        scores = np.array([one.score for one in entrants], float)
        return dict(zip((one.id for one in entrants), places(scores, replicates), strict=True))

    def _replicates(self, session: Session, identifiers: Sequence[str]) -> Replicates:
        missing = [one for one in identifiers if one not in self._kept]
        for start in range(0, len(missing), _AT_ONCE):
            wanted = missing[start : start + _AT_ONCE]
            for identifier, data in session.execute(
                select(EvidenceRow.submission_id, EvidenceRow.replicates).where(
                    EvidenceRow.submission_id.in_(wanted)
                )
            ):
                self._kept[identifier] = bytes(data)
        return np.stack([np.frombuffer(self._kept[one], "<f4") for one in identifiers])


def places(scores: Float[np.ndarray, " e"], replicates: Replicates) -> list[Place]:
    """Rank = 1 + the number of entries that are significantly better, so that ties share a rank."""
    spread = replicates - replicates.mean(axis=1, keepdims=True)
    covariance = spread @ spread.T / (replicates.shape[1] - 1)
    variance = np.diag(covariance)[:, None] + np.diag(covariance)[None] - 2 * covariance
    difference = scores[:, None] - scores[None]
    z = difference / np.sqrt(np.maximum(variance, np.finfo(np.float32).tiny))
    order = np.argsort(np.argsort(-replicates, axis=0), axis=0) + 1
    low, high = np.quantile(order, (0.025, 0.975), axis=1, method="nearest").astype(int)
    return [
        Place(rank, min(rank, int(a)), max(rank, int(b)))
        for rank, a, b in zip(_ranks(z), low, high, strict=True)
    ]


def _ranks(z: Float[np.ndarray, "e e"]) -> list[int]:
    """From the standardised differences, with Holm's correction over each entry's comparisons."""
    from scipy.stats import norm

    found = []
    for column in z.T:
        p = np.sort(2 * norm.sf(column[column > 0]))
        n_others = len(column) - 1
        passed = p * (n_others - np.arange(len(p))) <= _ALPHA
        found.append(1 + (len(p) if passed.all() else int(np.argmin(passed))))
    return found
