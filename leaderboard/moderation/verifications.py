"""Nonces for verifiers, so that nobody chooses seeds, and the signed records that they hand in."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from data_gen.foundation.documents import digest_of
from data_gen.foundation.errors import DGBenchError
from dgbench.submission.format.manifest import Manifest
from dgbench.submission.scoring.card import ScoreCard
from dgbench.verification.commitment import commitment_of, new_nonce
from dgbench.verification.consistency import check_record
from dgbench.verification.record import VerificationRecord
from dgbench.verification.signatures import check_signature
from leaderboard.access.tokens import require
from leaderboard.board import submissions
from leaderboard.moderation.changes import Changes
from leaderboard.moderation.verifier_keys import is_trusted
from leaderboard.records import RefusedError, Verification
from leaderboard.store.models import NonceRow, SubmissionRow, VerificationRow

_LEVELS: dict[str, Verification] = {"replay": "replayed", "fresh-seed": "fresh-seed"}


def commit(session: Session, identifier: str, number: int = 1) -> str:
    """Draw a nonce for a submission, and return its digest, which is to be published."""
    nonce = new_nonce()
    session.add(NonceRow(submission_id=identifier, number=number, nonce=nonce))
    session.flush()
    return commitment_of(nonce)


def reveal(changes: Changes, identifier: str) -> str:
    """Show the nonce whose digest was published, and publish the digest of the next one.

    Each call gives another nonce, and the audit log tells how often somebody asked.
    """
    require(changes.identity, "verifier")
    submission = submissions.find(changes.session, identifier)
    newest = changes.session.scalars(
        select(NonceRow)
        .where(NonceRow.submission_id == submission.id)
        .order_by(NonceRow.number.desc())
        .limit(1)
    ).one()
    following = commit(changes.session, submission.id, newest.number + 1)
    changes.log("nonce shown", submission.id, {"nonce": newest.nonce, "next_commitment": following})
    return newest.nonce


def record(changes: Changes, verification: VerificationRecord) -> None:
    """Keep a signed record and set the row's level. The same record again changes nothing."""
    require(changes.identity, "verifier")
    session = changes.session
    submission = submissions.find(session, verification.submission_id)
    _check(submission, verification)
    if not is_trusted(session, verification.public_key):
        raise RefusedError(
            403,
            "unknown-key",
            f"The key {verification.public_key} is not trusted here. Ask a moderator "
            f"to run: dgbench leaderboard key trust {verification.public_key} --name NAME",
        )
    if verification.verified.bundle_digest != submission.bundle_digest:
        raise RefusedError(
            422,
            "other-bundle",
            f"The record is of another bundle than the one kept as {submission.id!r}.",
        )
    _check_nonce(session, verification)
    document = verification.canonical.decode()
    digest = digest_of(document)
    if session.get(VerificationRow, digest) is not None:
        return
    session.add(
        VerificationRow(
            digest=digest,
            submission_id=submission.id,
            level=_LEVELS[verification.level],
            verdict=verification.verdict,
            at=changes.now,
            verifier=changes.identity.name,
            document=document,
        )
    )
    session.flush()
    detail = {"level": verification.level, "verdict": verification.verdict, "record": digest}
    changes.settle(submission, "verified", detail)


def _check(submission: SubmissionRow, verification: VerificationRecord) -> None:
    """Check the signature, and that the record agrees with its own numbers and the submission's."""
    try:
        check_signature(verification)
    except DGBenchError as error:
        raise RefusedError(422, "bad-signature", str(error)) from error
    seed = Manifest.model_validate_json(submission.manifest).benchmark.generator_seed
    try:
        check_record(
            verification, ScoreCard.model_validate_json(submission.card), generator_seed=seed
        )
    except DGBenchError as error:
        raise RefusedError(422, "bad-record", str(error)) from error


def _check_nonce(session: Session, verification: VerificationRecord) -> None:
    """Check that the store drew the seeds if a verifier could otherwise choose convenient data."""
    nonce = verification.commitment.nonce
    rows = session.scalars(
        select(NonceRow)
        .where(NonceRow.submission_id == verification.submission_id)
        .order_by(NonceRow.number)
    ).all()
    # The newest was shown to nobody.
    is_ours = any(row.nonce == nonce for row in rows[:-1])
    if verification.commitment.drawn_by == "store" and not is_ours:
        raise RefusedError(422, "unknown-nonce", "The nonce of the record was not drawn here.")
    if verification.level == "fresh-seed" and not is_ours:
        raise RefusedError(
            422, "own-nonce", "Seeds for fresh data must be drawn by the leaderboard, not by you."
        )
    if commitment_of(nonce) != verification.commitment.commitment:
        raise RefusedError(422, "bad-nonce", "The nonce is not what the record's commitment says.")
