"""The tables. Times are UTC in ISO 8601 text, JSON is text: both databases keep the same bytes."""

from collections.abc import Iterable

from sqlalchemy import BigInteger, ForeignKey, Index, LargeBinary, MetaData, Text, UniqueConstraint
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from dgbench.results.selection import Selection
from leaderboard.records import State, Verification

SCHEMA = "0004"
"""The newest revision in `migrations/versions`."""


def track_text(uses: Iterable[str]) -> str:
    """Write a track as the tables hold it."""
    return ",".join(sorted(uses))


def track_from(text: str) -> tuple[str, ...]:
    """Read a track from the text in the tables."""
    return tuple(filter(None, text.split(",")))


class Base(DeclarativeBase):
    """The root of the tables, which names constraints so that later migrations can change them."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(column_0_label)s",
            "uq": "uq_%(table_name)s_%(column_0_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


class SubmissionRow(Base):
    """One accepted submission, which is never deleted."""

    __tablename__ = "submission"
    __table_args__ = (
        Index("ix_submission_group", "benchmark", "uses", "selection"),
        Index("ix_submission_submitter_received_at", "submitter", "received_at"),
    )

    id: Mapped[str] = mapped_column(Text, primary_key=True)
    """Of the canonical content, so that the same predictions cannot be kept twice."""
    received_at: Mapped[str] = mapped_column(Text, index=True)
    submitter: Mapped[str] = mapped_column(Text)
    benchmark: Mapped[str] = mapped_column(Text)
    uses: Mapped[str] = mapped_column(Text)
    """The track, written by `track_text`."""
    selection: Mapped[Selection] = mapped_column(Text)
    method: Mapped[str] = mapped_column(Text, index=True)
    facts: Mapped[str] = mapped_column(Text)
    """The facts of a row that its bundle decides, JSON."""
    card: Mapped[str] = mapped_column(Text)
    """The score card, canonical JSON."""
    manifest: Mapped[str] = mapped_column(Text)
    model_card: Mapped[str] = mapped_column(Text)
    bundle_digest: Mapped[str] = mapped_column(Text, index=True)
    bundle_bytes: Mapped[int] = mapped_column(BigInteger)
    evidence_digest: Mapped[str] = mapped_column(Text)
    state: Mapped[State] = mapped_column(Text)
    reason: Mapped[str] = mapped_column(Text)


class EvidenceRow(Base):
    """Small arrays of a submission, for ranking and the search for copies."""

    __tablename__ = "evidence"

    submission_id: Mapped[str] = mapped_column(ForeignKey("submission.id"), primary_key=True)
    summary: Mapped[str] = mapped_column(Text)
    """Numbers of the headline score's summary, JSON, or empty for a single seed."""
    image_means: Mapped[bytes] = mapped_column(LargeBinary)
    """The summary's array: little-endian float64, deflated."""
    replicates: Mapped[bytes] = mapped_column(LargeBinary)
    """Little-endian float32."""
    bitmap: Mapped[bytes] = mapped_column(LargeBinary)
    """A sample of which images most seeds get right, packed."""


class BoardRow(Base):
    """The leaderboard as it is read: rewritten in the transaction that changes it."""

    __tablename__ = "board_view"
    __table_args__ = (Index("ix_board_view_group", "benchmark", "uses", "selection", "position"),)

    submission_id: Mapped[str] = mapped_column(ForeignKey("submission.id"), primary_key=True)
    benchmark: Mapped[str] = mapped_column(Text)
    uses: Mapped[str] = mapped_column(Text)
    selection: Mapped[Selection] = mapped_column(Text)
    position: Mapped[int]
    """Order within the group, from 0."""
    superseded_by: Mapped[str | None] = mapped_column(Text)
    document: Mapped[str] = mapped_column(Text)
    """The row, JSON."""


class FlagRow(Base):
    """Something for a moderator to look at."""

    __tablename__ = "flag"

    id: Mapped[str] = mapped_column(Text, primary_key=True)
    """Of submission, code and detail: the same flag is raised once."""
    submission_id: Mapped[str] = mapped_column(ForeignKey("submission.id"), index=True)
    code: Mapped[str] = mapped_column(Text)
    detail: Mapped[str] = mapped_column(Text)
    raised_at: Mapped[str] = mapped_column(Text)
    cleared_at: Mapped[str | None] = mapped_column(Text)
    cleared_by: Mapped[str | None] = mapped_column(Text)


class VerificationRow(Base):
    """A signed record of a verification, which never changes."""

    __tablename__ = "verification"

    digest: Mapped[str] = mapped_column(Text, primary_key=True)
    """SHA-256 of the document: the same record is kept once."""
    submission_id: Mapped[str] = mapped_column(ForeignKey("submission.id"), index=True)
    level: Mapped[Verification] = mapped_column(Text)
    verdict: Mapped[str] = mapped_column(Text)
    """`passed`, `failed` or `inconclusive`."""
    at: Mapped[str] = mapped_column(Text)
    verifier: Mapped[str] = mapped_column(Text)
    document: Mapped[str] = mapped_column(Text)


class NonceRow(Base):
    """A nonce whose digest is in the audit log, and which a verifier may ask for."""

    __tablename__ = "nonce"

    submission_id: Mapped[str] = mapped_column(ForeignKey("submission.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    """Counts from 1. The newest nonce was not yet shown."""
    nonce: Mapped[str] = mapped_column(Text)


class TokenRow(Base):
    """A token, by its digest only."""

    __tablename__ = "token"
    __table_args__ = (UniqueConstraint("digest"),)

    id: Mapped[str] = mapped_column(Text, primary_key=True)
    name: Mapped[str] = mapped_column(Text)
    digest: Mapped[str] = mapped_column(Text)
    roles: Mapped[str] = mapped_column(Text)
    issued_at: Mapped[str] = mapped_column(Text)
    expires_at: Mapped[str | None] = mapped_column(Text)
    revoked_at: Mapped[str | None] = mapped_column(Text)
    daily_quota: Mapped[int | None]


class AuditRow(Base):
    """The audit log: each entry's digest covers the one before, and triggers forbid changes."""

    __tablename__ = "audit"
    __table_args__ = (Index("ix_audit_actor_at", "actor", "at"),)

    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    at: Mapped[str] = mapped_column(Text)
    actor: Mapped[str] = mapped_column(Text)
    action: Mapped[str] = mapped_column(Text)
    subject: Mapped[str] = mapped_column(Text, index=True)
    detail: Mapped[str] = mapped_column(Text)
    previous: Mapped[str] = mapped_column(Text)
    digest: Mapped[str] = mapped_column(Text)


class MetaRow(Base):
    """Single values: the revision of what is shown, times of the last backup and check."""

    __tablename__ = "meta"

    key: Mapped[str] = mapped_column(Text, primary_key=True)
    value: Mapped[str] = mapped_column(Text)
