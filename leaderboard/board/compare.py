"""Comparison of two to six submissions on the same images."""

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import combinations

import numpy as np
from jaxtyping import Bool
from sqlalchemy.orm import Session

from data_gen.foundation.errors import UsageError
from data_gen.spec_files import find_spec
from dgbench.metrics.intervals import Summary, difference_of, interval_of, summarise
from dgbench.metrics.linear_scores import LinearScore, linear_scores
from dgbench.metrics.ranking import Contender, verdict
from dgbench.references import reference_of
from dgbench.submission.answer_key.published import published_of
from dgbench.submission.scoring.evidence import Evidence
from leaderboard.board import submissions
from leaderboard.board.documents import read_rows
from leaderboard.records import (
    Comparison,
    DomainComparison,
    EstimatedScore,
    PairDifference,
    RefusedError,
    ScoreComparison,
)
from leaderboard.store.blobs import Blobs
from leaderboard.store.models import BoardRow, SubmissionRow

FEWEST, MOST = 2, 6
"""Submissions in one comparison."""
_MAX_SHOWN_IMAGES = 100
ByDomain = Mapping[str, Bool[np.ndarray, "s n"]]
"""Whether each seed is right on each image, by test domain."""


def compare(session: Session, blobs: Blobs, identifiers: Sequence[str]) -> Comparison:
    """Compare headline scores, and find the images on which the submissions differ."""
    distinct = list(dict.fromkeys(identifiers))
    if not FEWEST <= len(distinct) <= MOST:
        raise RefusedError(422, "bad-number", f"Name {FEWEST} to {MOST} submissions to compare.")
    compared = [submissions.find(session, identifier) for identifier in distinct]
    benchmark = _common_benchmark(compared)
    evidence = {
        submission.id: Evidence.from_bytes(blobs.read(submission.evidence_digest))
        for submission in compared
    }
    summaries = {
        identifier: arrays.summary
        for identifier, arrays in evidence.items()
        if arrays.summary is not None
    }
    correct = {identifier: arrays.correct() for identifier, arrays in evidence.items()}
    documents = (session.get_one(BoardRow, identifier).document for identifier in distinct)
    return Comparison(
        benchmark=benchmark,
        rows=tuple(read_rows(documents)),
        pairs=_differences(summaries),
        scores=tuple(_scores(benchmark, correct)),
        domains=tuple(
            _domain(name, {identifier: correct[identifier][name] for identifier in distinct})
            for name in evidence[distinct[0]].domains
        ),
    )


def _common_benchmark(compared: Sequence[SubmissionRow]) -> str:
    """Check that all are shown and of one benchmark, and return its name."""
    gone = [submission.id for submission in compared if submission.state != "shown"]
    if gone:
        raise RefusedError(410, "gone", f"{gone[0]!r} is no longer shown.")
    first, *others = sorted({submission.benchmark for submission in compared})
    if others:
        names = ", ".join((first, *others))
        raise RefusedError(422, "not-comparable", f"They are of several benchmarks: {names}.")
    return first


def _scores(benchmark: str, correct: Mapping[str, ByDomain]) -> Iterator[ScoreComparison]:
    """Compare every linear score of the submissions with several seeds."""
    for score in _linear_scores(benchmark):
        summaries = {
            identifier: summarise(matrix)
            for identifier, by_domain in correct.items()
            if (matrix := score.contributions(by_domain)) is not None and len(matrix) > 1
        }
        if summaries:
            yield ScoreComparison(
                score=score.name,
                part=score.part,
                values={name: _estimate(summary) for name, summary in summaries.items()},
                pairs=_differences(summaries),
            )


@lru_cache(maxsize=32)
def _linear_scores(benchmark: str) -> tuple[LinearScore, ...]:
    try:
        spec = find_spec(benchmark)
    except UsageError:
        return ()
    published = published_of(spec)
    return linear_scores(spec, reference_of(spec, published.sources) if published else None)


def _estimate(summary: Summary) -> EstimatedScore:
    interval = interval_of(summary)
    return EstimatedScore(value=interval.estimate, low=interval.low, high=interval.high)


def _differences(summaries: Mapping[str, Summary]) -> tuple[PairDifference, ...]:
    return tuple(_difference(a, b, summaries) for a, b in combinations(summaries, 2))


def _difference(first: str, second: str, summaries: Mapping[str, Summary]) -> PairDifference:
    mine, other = summaries[first], summaries[second]
    difference = difference_of(mine, other)
    return PairDifference(
        first=first,
        second=second,
        difference=difference.interval.estimate,
        low=difference.interval.low,
        high=difference.interval.high,
        p_value=difference.p_value,
        verdict=verdict(Contender.of(mine), Contender.of(other)),
    )


def _domain(name: str, correct: Mapping[str, Bool[np.ndarray, "s n"]]) -> DomainComparison:
    accuracy = {identifier: float(by_seed.mean()) for identifier, by_seed in correct.items()}
    majority = {
        identifier: 2 * by_seed.sum(axis=0) > len(by_seed)
        for identifier, by_seed in correct.items()
    }
    stacked = np.stack(list(majority.values()))
    differing = np.flatnonzero(stacked.any(axis=0) & ~stacked.all(axis=0))
    return DomainComparison(
        domain=name,
        n_images=stacked.shape[1],
        accuracy=accuracy,
        overlap={a: {b: _overlap(majority[a], majority[b]) for b in majority} for a in majority},
        n_differing=len(differing),
        differing=tuple(map(int, differing[:_MAX_SHOWN_IMAGES])),
    )


def _overlap(a: Bool[np.ndarray, " n"], b: Bool[np.ndarray, " n"]) -> float:
    """Compute the share of all errors that both make, or 1 without errors."""
    either = int((~a | ~b).sum())
    return int((~a & ~b).sum()) / either if either else 1.0
