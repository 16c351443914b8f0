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
from leaderboard.board.documents import read_facts
from leaderboard.board.materialize import GroupKey, Rank, group_of
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
    """Check the audit log, blobs and rows, and score all bundles again, or a sample of them."""
    with store.read() as session:
        problems = list(audit.breaks(session))
        identifiers = list(session.scalars(select(SubmissionRow.id).order_by(SubmissionRow.id)))
        problems += _blob_problems(session, store.blobs)
        problems += _log_problems(session)
        chosen = _sample(identifiers, sample)
        for identifier in chosen:
            problems += _score_problems(session, store.blobs, score, identifier)
        for key in materialize.groups(session):
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
    named = select(
        SubmissionRow.id, SubmissionRow.bundle_digest, SubmissionRow.evidence_digest
    ).order_by(SubmissionRow.id)
    for identifier, *digests in session.execute(named):
        for digest in digests:
            try:
                blobs.read(digest)
            except DGBenchError as error:
                yield f"{identifier}: {error}"


def _log_problems(session: Session) -> Iterator[str]:
    """Compare the submissions with the log's entries about receiving them."""
    logged = set(session.scalars(select(AuditRow.subject).where(AuditRow.action == "received")))
    kept = set(session.scalars(select(SubmissionRow.id)))
    for identifier in sorted(logged - kept):
        yield f"{identifier}: the audit log says that it was received, but it is not there."
    for identifier in sorted(kept - logged):
        yield f"{identifier}: the audit log does not say that it was received."


def _score_problems(session: Session, blobs: Blobs, score: Score, identifier: str) -> Iterator[str]:
    """Score a submission's bundle again, and compare all that the tables hold of it."""
    submission = session.get_one(SubmissionRow, identifier)
    try:
        rescored = score(blobs.read(submission.bundle_digest))
    except DGBenchError as error:
        yield f"{identifier}: its bundle cannot be scored again: {error}"
        return
    (facts,) = read_facts([submission.facts])
    expected = rescored.facts
    group = GroupKey(expected.benchmark, expected.uses, expected.selection)
    claims = (
        ("id", submission.id, expected.submission_id),
        ("group", group_of(submission), group),
        ("method", submission.method, expected.method),
        ("score card", submission.card, rescored.card),
        ("manifest", submission.manifest, rescored.manifest.canonical.decode()),
        ("shown facts", facts, expected),
        (
            "evidence",
            _arrays(session.get(EvidenceRow, identifier)),
            _arrays(rescored.evidence_row()),
        ),
    )
    for name, stored, recomputed in claims:
        if stored != recomputed:
            yield f"{identifier}: the stored {name} is not what its bundle gives."


def _arrays(row: EvidenceRow | None) -> tuple[bytes | str, ...] | None:
    return None if row is None else (row.replicates, row.bitmap, row.summary, row.image_means)


def _row_problems(session: Session, key: GroupKey, rank: Rank) -> Iterator[str]:
    received = materialize.submissions_of(session, key)
    moderation = materialize.moderation(session, key)
    rows = materialize.rows_of(session, received, rank, moderation)
    expected = materialize.board_columns(rows)
    stored = materialize.stored_rows(session, key)
    for identifier in sorted(expected.keys() | stored.keys()):
        if expected.get(identifier) != stored.get(identifier):
            yield f"{identifier}: the row that is shown is not what the stored bundles give."
