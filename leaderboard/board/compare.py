"""Two to six submissions side by side, on the same images."""

from collections.abc import Mapping, Sequence
from itertools import combinations

import numpy as np
from jaxtyping import Bool
from sqlalchemy.orm import Session

from dgbench.metrics.intervals import Summary, difference_of
from dgbench.submission.scoring.evidence import Evidence
from leaderboard.board import submissions
from leaderboard.board.documents import read_rows
from leaderboard.records import Comparison, DomainComparison, PairDifference, RefusedError
from leaderboard.store.blobs import Blobs
from leaderboard.store.models import BoardRow

FEWEST, MOST = 2, 6
_SHOWN = 100


def compare(session: Session, blobs: Blobs, identifiers: Sequence[str]) -> Comparison:
    """Differences of the headline score, and on which images the submissions differ."""
    wanted = list(dict.fromkeys(identifiers))
    if not FEWEST <= len(wanted) <= MOST:
        raise RefusedError(422, "bad-number", f"Name {FEWEST} to {MOST} submissions to compare.")
    found = [submissions.find(session, identifier) for identifier in wanted]
    gone = [one.id for one in found if one.state != "shown"]
    if gone:
        raise RefusedError(410, "gone", f"{gone[0]!r} is no longer shown.")
    benchmarks = sorted({one.benchmark for one in found})
    if len(benchmarks) > 1:
        raise RefusedError(
            422, "not-comparable", f"They are of several benchmarks: {', '.join(benchmarks)}."
        )
    evidence = {one.id: Evidence.from_bytes(blobs.read(one.evidence_digest)) for one in found}
    summaries = {one: each.summary for one, each in evidence.items() if each.summary is not None}
    correct = {one: each.correct() for one, each in evidence.items()}
    return Comparison(
        benchmark=benchmarks[0],
        rows=tuple(read_rows(session.get_one(BoardRow, one.id).document for one in found)),
        pairs=tuple(
            _difference(a, b, summaries)
            for a, b in combinations(wanted, 2)
            if a in summaries and b in summaries
        ),
        domains=tuple(
            _domain(name, {one: correct[one][name] for one in wanted})
            for name in evidence[wanted[0]].domains
        ),
    )


def _difference(a: str, b: str, summaries: Mapping[str, Summary]) -> PairDifference:
    found = difference_of(summaries[a], summaries[b])
    return PairDifference(
        first=a,
        second=b,
        difference=found.interval.estimate,
        low=found.interval.low,
        high=found.interval.high,
        p_value=found.p_value,
    )


def _domain(name: str, correct: Mapping[str, Bool[np.ndarray, "s n"]]) -> DomainComparison:
    accuracy = {one: float(right.mean()) for one, right in correct.items()}
    majority = {one: 2 * right.sum(axis=0) > len(right) for one, right in correct.items()}
    stacked = np.stack(list(majority.values()))
    differing = np.flatnonzero(stacked.any(axis=0) & ~stacked.all(axis=0))
    return DomainComparison(
        domain=name,
        n_images=stacked.shape[1],
        accuracy=accuracy,
        overlap={a: {b: _overlap(majority[a], majority[b]) for b in majority} for a in majority},
        n_differing=len(differing),
        differing=tuple(map(int, differing[:_SHOWN])),
    )


def _overlap(a: Bool[np.ndarray, " n"], b: Bool[np.ndarray, " n"]) -> float:
    """The share of the errors of either that are errors of both; 1 where neither errs."""
    either = int((~a | ~b).sum())
    return int((~a & ~b).sum()) / either if either else 1.0
