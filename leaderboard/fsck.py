"""Checks that everything shown follows from the stored bundles."""

import random
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from data_gen.foundation.errors import DGBenchError
from leaderboard.board import materialize
from leaderboard.board.documents import document_of, read_facts
from leaderboard.board.materialize import GroupKey, Rank
from leaderboard.board.ranker import Ranker
from leaderboard.intake.scoring import Score
from leaderboard.store import audit
from leaderboard.store.blobs import Blobs
from leaderboard.store.database import Store
from leaderboard.store.models import (
    AuditRow,
    BoardRow,
    EvidenceRow,
    SubmissionRow,
    track_from,
)

_ORPHAN_SECONDS = 86_400
"""Younger files may belong to a submission that is being received now."""


class Report(NamedTuple):
    """The findings of a check, and how much it looked at."""

    rescored: int
    rows: int
    problems: tuple[str, ...]
    removed: int = 0
    """Files that a killed process had left behind."""


def check(store: Store, score: Score, *, sample: int | None = None) -> Report:
    """Check chain, blobs and rows, and score all bundles again, or a sample of them."""
    with store.read() as session:
        problems = list(audit.breaks(session))
        identifiers = list(session.scalars(select(SubmissionRow.id).order_by(SubmissionRow.id)))
        problems += _blob_problems(session, store.blobs)
        problems += _log_problems(session)
        chosen = _sample(identifiers, sample)
        for identifier in chosen:
            problems += _score_problems(session, store.blobs, score, identifier)
        for key in _groups(session):
            problems += _row_problems(session, key, Ranker())
        n_rows = len(list(session.scalars(select(BoardRow.submission_id))))
    return Report(len(chosen), n_rows, tuple(problems))


def remove_orphans(store: Store) -> int:
    """Delete files that a killed process left behind, and return how many.

    A row is written after its blobs, so a kill can leave a blob that no row names, or a draft.
    """
    with store.read() as session:
        named = {
            digest
            for row in session.execute(
                select(SubmissionRow.bundle_digest, SubmissionRow.evidence_digest)
            )
            for digest in row
        }
    before = time.time() - _ORPHAN_SECONDS
    removed = 0
    for path in _left_over(store.blobs, named):
        if path.stat().st_mtime < before:
            path.unlink(missing_ok=True)
            removed += 1
    return removed


def _left_over(blobs: Blobs, named: set[str]) -> Iterator[Path]:
    yield from blobs.drafts()
    for digest in blobs.digests():
        if digest not in named:
            yield blobs.path(digest)


def _sample(identifiers: Sequence[str], sample: int | None) -> Sequence[str]:
    if sample is None or sample >= len(identifiers):
        return identifiers
    return sorted(random.SystemRandom().sample(identifiers, sample))


def _blob_problems(session: Session, blobs: Blobs) -> Iterator[str]:
    wanted = select(
        SubmissionRow.id, SubmissionRow.bundle_digest, SubmissionRow.evidence_digest
    ).order_by(SubmissionRow.id)
    for identifier, *digests in session.execute(wanted):
        for digest in digests:
            try:
                blobs.read(digest)
            except DGBenchError as error:
                yield f"{identifier}: {error}"


def _log_problems(session: Session) -> Iterator[str]:
    """Every submission was logged when it was received, and every one that was is still there."""
    logged = set(session.scalars(select(AuditRow.subject).where(AuditRow.action == "received")))
    there = set(session.scalars(select(SubmissionRow.id)))
    for identifier in sorted(logged - there):
        yield f"{identifier}: the audit log says that it was received, but it is not there."
    for identifier in sorted(there - logged):
        yield f"{identifier}: the audit log does not say that it was received."


def _score_problems(session: Session, blobs: Blobs, score: Score, identifier: str) -> Iterator[str]:
    one = session.get_one(SubmissionRow, identifier)
    evidence = session.get(EvidenceRow, identifier)
    try:
        again = score(blobs.read(one.bundle_digest))
    except DGBenchError as error:
        yield f"{identifier}: its bundle cannot be scored again: {error}"
        return
    (facts,) = read_facts([one.facts])
    expected = again.evidence_row()
    claims = (
        ("id", one.id, again.facts.submission_id),
        (
            "group",
            materialize.group_of(one),
            GroupKey(again.facts.benchmark, again.facts.uses, again.facts.selection),
        ),
        ("method", one.method, again.facts.method),
        ("score card", one.card, again.card),
        ("manifest", one.manifest, again.manifest.canonical.decode()),
        ("shown facts", facts, again.facts),
        (
            "evidence",
            None
            if evidence is None
            else (evidence.replicates, evidence.bitmap, evidence.summary, evidence.image_means),
            (expected.replicates, expected.bitmap, expected.summary, expected.image_means),
        ),
    )
    for what, stored, recomputed in claims:
        if stored != recomputed:
            yield f"{identifier}: the stored {what} is not what its bundle gives."


def _groups(session: Session) -> list[GroupKey]:
    wanted = select(SubmissionRow.benchmark, SubmissionRow.uses, SubmissionRow.selection)
    return sorted(
        GroupKey(benchmark, track_from(uses), selection)
        for benchmark, uses, selection in session.execute(wanted.distinct())
    )


def _row_problems(session: Session, key: GroupKey, rank: Rank) -> Iterator[str]:
    found = materialize.submissions_of(session, key)
    told = materialize.moderation(session, key)
    expected = {
        shown.row.submission_id: (position, shown.superseded_by, document_of(shown.row))
        for position, shown in enumerate(materialize.rows_of(session, found, rank, told))
    }
    stored = materialize.stored_rows(session, key)
    for identifier in sorted(expected.keys() | stored.keys()):
        if expected.get(identifier) != stored.get(identifier):
            yield f"{identifier}: the row that is shown is not what the stored bundles give."
