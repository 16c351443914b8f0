"""Standings of methods on several benchmarks, from the rows and the arrays in the store."""

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from data_gen.spec_files import find_spec, registered
from dgbench.lists.family import Family
from dgbench.lists.suite import Suite
from dgbench.metrics.intervals import Summary
from dgbench.standings.curves import family_curves
from dgbench.standings.member_result import MemberResult, MethodInTrack
from dgbench.standings.overview import overview_of
from leaderboard.board.arrays import summary_from
from leaderboard.records import Row
from leaderboard.records.across import EntriesOfMethods, FamilyStanding, SuiteStanding
from leaderboard.store.models import EvidenceRow

_IDS_PER_STATEMENT = 500
"""Databases limit them."""
_POINTS_OF_CURVE = 2
"""Results that a curve needs. The arrays of thousands of single points are not read."""


def suite_standing(session: Session, suite: Suite, rows: Sequence[Row]) -> SuiteStanding:
    """Draw up the overview of a suite from the rows of its members."""
    entries = _entries(rows)
    results = _results(session, entries, n_needed=len(suite.members))
    return SuiteStanding(overview_of(results, suite.members, suite=suite), entries)


def family_standing(session: Session, family: Family, rows: Sequence[Row]) -> FamilyStanding:
    """Draw up the curves of a family from the rows of its members."""
    entries = _entries(rows)
    results = _results(session, entries, n_needed=_POINTS_OF_CURVE)
    return FamilyStanding(family_curves(family, results), entries)


def _entries(rows: Sequence[Row]) -> dict[MethodInTrack, dict[str, Row]]:
    """Collect the entries that have an HPS, those of each submitter on their own."""
    rows = [row for row in rows if row.hps is not None]
    submitters: dict[MethodInTrack, set[str]] = {}
    for row in rows:
        submitters.setdefault(MethodInTrack(row.uses, row.method), set()).add(row.submitter)
    entries: dict[MethodInTrack, dict[str, Row]] = {}
    for row in rows:
        key = MethodInTrack(row.uses, row.method)
        if len(submitters[key]) > 1:
            key = key._replace(name=f"{row.method} ({row.submitter})")
        entries.setdefault(key, {})[row.benchmark] = row
    return entries


def _results(
    session: Session, entries: EntriesOfMethods, *, n_needed: int
) -> dict[MethodInTrack, dict[str, MemberResult]]:
    """Translate entries into results, with the arrays of methods that have enough of them."""
    needed = [
        row.submission_id
        for by_benchmark in entries.values()
        if len(by_benchmark) >= n_needed
        for row in by_benchmark.values()
    ]
    summaries = dict(_summaries(session, needed))
    return {
        key: {name: _result(row, summaries) for name, row in by_benchmark.items()}
        for key, by_benchmark in entries.items()
    }


def _result(row: Row, summaries: Mapping[str, Summary]) -> MemberResult:
    summary = summaries.get(row.submission_id)
    n_images = len(summary.image_means) if summary else 0
    return MemberResult(
        score=row.hps or 0.0,
        n_seeds=row.n_seeds,
        summary=summary,
        # The test images of a source are the same glyphs in every benchmark.
        images=f"{_source_of(row.benchmark)}, {n_images}",
        standing=row.standing,
        tier=row.tier,
    )


@lru_cache(maxsize=64)
def _source_of(benchmark: str) -> str:
    """Name the source of a benchmark's glyphs."""
    return find_spec(benchmark, documents=_documents()).source


@lru_cache(maxsize=1)
def _documents() -> dict[str, dict[str, Any]]:
    """Read the specs as they were installed when the process began, once for all of them."""
    return registered()


def _summaries(session: Session, identifiers: Sequence[str]) -> Iterator[tuple[str, Summary]]:
    """Read the summaries of submissions. A submission of one seed has none."""
    for start in range(0, len(identifiers), _IDS_PER_STATEMENT):
        some = identifiers[start : start + _IDS_PER_STATEMENT]
        columns = select(EvidenceRow.submission_id, EvidenceRow.summary, EvidenceRow.image_means)
        for identifier, text, means in session.execute(
            columns.where(EvidenceRow.submission_id.in_(some))
        ):
            if text:
                yield identifier, summary_from(text, means)
