"""Steps by which a bundle becomes a row: checks before scoring, rows and receipt after it."""

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from data_gen.foundation.documents import digest_of
from dgbench.submission.format.members import MAX_BUNDLE_BYTES, MIB
from dgbench.submission.format.rejection import RejectedError
from leaderboard.board.documents import document_of, read_rows
from leaderboard.clock import later
from leaderboard.intake.near_duplicates import near_duplicates_of
from leaderboard.intake.rescoring import remember
from leaderboard.intake.scoring import Scored
from leaderboard.moderation.changes import Changes
from leaderboard.moderation.verifications import commit
from leaderboard.records import Identity, Receipt, RefusedError
from leaderboard.store import audit, meta
from leaderboard.store.models import AuditRow, BoardRow, SubmissionRow, track_text

_DAY_SECONDS = 86_400
RECEIVED, REFUSED = "received", "refused"


def earlier_upload(session: Session, data: bytes) -> SubmissionRow | None:
    """Find the submission that these very bytes became before."""
    digest = digest_of(data)
    return session.scalar(
        select(SubmissionRow).where(SubmissionRow.bundle_digest == digest).limit(1)
    )


def check_size(data: bytes) -> None:
    """Raise RefusedError for a bundle that is too large to look at."""
    if len(data) > MAX_BUNDLE_BYTES:
        raise RefusedError(413, "too-large", f"A bundle has at most {MAX_BUNDLE_BYTES // MIB} MiB.")


def check_quota(session: Session, identity: Identity, *, now: str) -> None:
    """Raise RefusedError once a person has sent as many bundles in 24 hours as the token allows."""
    if identity.daily_quota is None:
        return
    sent = session.scalar(
        select(func.count())
        .select_from(AuditRow)
        .where(
            AuditRow.actor == identity.name,
            AuditRow.at > later(now, days=-1),
            AuditRow.action.in_((RECEIVED, REFUSED)),
        )
    )
    if (sent or 0) >= identity.daily_quota:
        raise RefusedError(
            429,
            "quota",
            f"{identity.name!r} has sent {sent} bundles in 24 hours; the token allows "
            f"{identity.daily_quota}. Refused ones count: `dgbench validate` checks for free.",
            retry_after=_DAY_SECONDS,
        )


def log_refusal(
    session: Session, data: bytes, error: RejectedError, *, now: str, identity: Identity
) -> None:
    """Log a refused bundle's digest and code, which counts against the quota."""
    audit.append(
        session,
        time=now,
        actor=identity.name,
        action=REFUSED,
        subject=digest_of(data),
        detail={"code": str(error.rejection.code.value)},
    )


def keep(changes: Changes, data: bytes, scored: Scored) -> Receipt:
    """Write a scored bundle's rows, within the transaction of `changes`.

    Its blobs are on the disk before, so that a kill leaves at worst a blob that no row names.
    """
    session = changes.session
    earlier = session.get(SubmissionRow, scored.facts.submission_id)
    if earlier is not None:
        return receipt_of(session, earlier, is_new=False)
    check_quota(session, changes.identity, now=changes.now)
    submission = _submission_row(changes, data, scored)
    session.add(submission)
    session.flush()
    session.add(scored.evidence_row())
    session.flush()
    for code, detail in scored.flags:
        changes.flag(submission.id, code, detail)
    for near_duplicate in near_duplicates_of(session, submission, scored.sketch):
        changes.flag(submission.id, "near-duplicate", near_duplicate)
    received = {
        "bundle": submission.bundle_digest,
        "card": digest_of(scored.card),
        "commitment": commit(session, submission.id),
    }
    remember(session, submission.benchmark)
    changes.settle(submission, RECEIVED, received)
    return receipt_of(session, submission, is_new=True)


def _submission_row(changes: Changes, data: bytes, scored: Scored) -> SubmissionRow:
    facts = scored.facts
    return SubmissionRow(
        id=facts.submission_id,
        received_at=changes.now,
        submitter=changes.identity.name,
        benchmark=facts.benchmark,
        uses=track_text(facts.uses),
        selection=facts.selection,
        method=facts.method,
        facts=document_of(facts),
        card=scored.card,
        manifest=scored.manifest.canonical.decode(),
        model_card=scored.model_card,
        bundle_digest=digest_of(data),
        bundle_bytes=len(data),
        evidence_digest=digest_of(scored.evidence),
        state="shown",
        reason="",
    )


def receipt_of(session: Session, submission: SubmissionRow, *, is_new: bool) -> Receipt:
    """Make a submission's receipt, or raise RefusedError: it was withdrawn, or is hidden."""
    if submission.state == "withdrawn":
        raise RefusedError(
            409,
            "withdrawn",
            f"The same predictions were submitted as {submission.id!r} and withdrawn.",
        )
    shown = session.get(BoardRow, submission.id)
    if shown is None:
        raise RefusedError(
            409, "hidden", f"{submission.id!r} is hidden by a moderator: {submission.reason}"
        )
    row = read_rows([shown.document])[0]
    return Receipt(
        submission_id=submission.id,
        is_new=is_new,
        row=row,
        flags=row.flags,
        revision=meta.revision(session),
    )
