"""Queries about single submissions, methods and submitters, from the tables."""

from collections.abc import Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from data_gen.foundation.errors import quoted, suggestion
from dgbench.standings.standing import gated
from leaderboard.board.documents import read_facts, read_rows
from leaderboard.board.materialize import levels
from leaderboard.board.rules import place_fields
from leaderboard.records import Flag, MethodHistory, RefusedError, Row, Submission, Verified
from leaderboard.store import audit
from leaderboard.store.models import BoardRow, FlagRow, SubmissionRow, VerificationRow

_MOST_NAMED = 5
"""Methods that an error names where none is near: a store may have thousands."""


def find(session: Session, identifier: str) -> SubmissionRow:
    """Read the table's row of a submission, or raise RefusedError for an unknown id."""
    submission_row = session.get(SubmissionRow, identifier) if _may_be_stored(identifier) else None
    if submission_row is None:
        detail = f"There is no submission {quoted(identifier)}."
        raise RefusedError(404, "unknown-submission", detail)
    return submission_row


def submission(session: Session, identifier: str) -> Submission:
    """Tell everything about one submission."""
    kept = find(session, identifier)
    shown = session.get(BoardRow, identifier)
    flags = _flags_of(session, identifier)
    records = _records_of(session, identifier)
    return Submission(
        id=kept.id,
        state=kept.state,
        reason=kept.reason,
        row=read_rows([shown.document])[0] if shown else _unranked_row(kept, flags, records),
        is_superseded_by=shown.superseded_by if shown else None,
        score_card=kept.card,
        manifest=kept.manifest,
        model_card=kept.model_card,
        bundle_digest=kept.bundle_digest,
        bundle_bytes=kept.bundle_bytes,
        flags=flags,
        verifications=tuple(map(_verified, records)),
        history=tuple(audit.events(session, subject=identifier)),
    )


def identifiers(session: Session) -> tuple[str, ...]:
    """List the ids of all submissions, sorted."""
    return tuple(session.scalars(select(SubmissionRow.id).order_by(SubmissionRow.id)))


def submissions_of(session: Session, submitter: str) -> tuple[Submission, ...]:
    """List a person's submissions, newest first."""
    newest_first = (
        select(SubmissionRow.id)
        .where(SubmissionRow.submitter == submitter)
        .order_by(SubmissionRow.received_at.desc(), SubmissionRow.id)
    )
    return tuple(
        submission(session, identifier) for identifier in session.scalars(newest_first).all()
    )


def method(session: Session, name: str) -> MethodHistory:
    """List all submissions of one method, oldest first."""
    if not _may_be_stored(name):
        raise _no_method(session, name)
    documents = session.scalars(
        select(BoardRow.document)
        .join(SubmissionRow, SubmissionRow.id == BoardRow.submission_id)
        .where(SubmissionRow.method == name)
        .order_by(SubmissionRow.received_at, SubmissionRow.id)
    ).all()
    n_submissions = session.scalar(
        select(func.count()).select_from(SubmissionRow).where(SubmissionRow.method == name)
    )
    if not n_submissions:
        raise _no_method(session, name)
    return MethodHistory(
        method=name,
        rows=tuple(read_rows(documents)),
        withdrawn=n_submissions - len(documents),
    )


def _may_be_stored(text: str) -> bool:
    """Whether a database would read a text at all: PostgreSQL refuses to look for a null."""
    return "\0" not in text


def _no_method(session: Session, name: str) -> RefusedError:
    methods = session.scalars(select(SubmissionRow.method).distinct())
    near = suggestion(name, methods, most=_MOST_NAMED)
    return RefusedError(404, "unknown-method", f"No submission is of {quoted(name)}. {near}")


def flags(session: Session, *, standing_only: bool = True) -> list[Flag]:
    """List the flags of all submissions, newest first."""
    newest_first = select(FlagRow).order_by(FlagRow.raised_at.desc(), FlagRow.id)
    if standing_only:
        newest_first = newest_first.where(FlagRow.cleared_at.is_(None))
    return [_flag(row) for row in session.scalars(newest_first)]


def _flags_of(session: Session, identifier: str) -> tuple[Flag, ...]:
    oldest_first = (
        select(FlagRow)
        .where(FlagRow.submission_id == identifier)
        .order_by(FlagRow.raised_at, FlagRow.id)
    )
    return tuple(_flag(row) for row in session.scalars(oldest_first))


def _records_of(session: Session, identifier: str) -> Sequence[VerificationRow]:
    return session.scalars(
        select(VerificationRow)
        .where(VerificationRow.submission_id == identifier)
        .order_by(VerificationRow.at, VerificationRow.digest)
    ).all()


def _unranked_row(
    kept: SubmissionRow, flags: Sequence[Flag], records: Sequence[VerificationRow]
) -> Row:
    """Make the row of a submission that is hidden or withdrawn, which has no rank."""
    (facts,) = read_facts([kept.facts])
    reached = levels((record.submission_id, record.level, record.verdict) for record in records)
    decided = {
        "standing": gated(facts.standing, facts.retention),
        "verification": reached.get(kept.id, facts.verification),
    }
    return Row(
        **{**vars(facts), **decided, **place_fields(None)},
        submitted_at=kept.received_at,
        submitter=kept.submitter,
        attempts=0,
        flags=tuple(sorted({flag.code for flag in flags if flag.cleared_at is None})),
    )


def _flag(row: FlagRow) -> Flag:
    return Flag(
        id=row.id,
        submission_id=row.submission_id,
        code=row.code,
        detail=row.detail,
        raised_at=row.raised_at,
        cleared_at=row.cleared_at,
        cleared_by=row.cleared_by,
    )


def _verified(row: VerificationRow) -> Verified:
    return Verified(
        submission_id=row.submission_id,
        level=row.level,
        verdict=row.verdict,
        at=row.at,
        verifier=row.verifier,
        document=row.document,
    )


def n_bundle_bytes(session: Session) -> int:
    """Return the bytes of all bundles, hidden and withdrawn ones included."""
    return int(session.scalar(select(func.sum(SubmissionRow.bundle_bytes))) or 0)
