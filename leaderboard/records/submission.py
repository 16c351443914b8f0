"""A submission, and everything that the store knows about it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from leaderboard.records.row import Row

State = Literal["shown", "hidden", "withdrawn"]
"""`hidden` by a moderator or `withdrawn` by its submitter, each with its place in the history."""


@dataclass(frozen=True, kw_only=True)
class Flag:
    """Something about a submission that a moderator should look at. It never rejects."""

    id: str
    submission_id: str
    code: str
    detail: str
    raised_at: str
    cleared_at: str | None
    cleared_by: str | None


@dataclass(frozen=True, kw_only=True)
class Event:
    """One entry of the audit log, whose digest covers the entry and the digest before it."""

    number: int
    at: str
    actor: str
    action: str
    subject: str
    detail: Mapping[str, object]
    previous: str
    digest: str


@dataclass(frozen=True, kw_only=True)
class Verified:
    """A signed record of one verification, as it was received."""

    submission_id: str
    level: str
    """`replayed` or `fresh-seed`."""
    verdict: str
    """`passed`, `failed`, or `inconclusive`, which changes no row."""
    at: str
    verifier: str
    document: str
    """The record, JSON, with its signature."""

    @property
    def passed(self) -> bool:
        """Whether the claim held."""
        return self.verdict == "passed"


@dataclass(frozen=True, kw_only=True)
class Submission:
    """Everything about one submission."""

    id: str
    state: State
    reason: str
    """Why it was hidden or withdrawn."""
    row: Row
    is_superseded_by: str | None
    """The id of the later submission of the same method that is ranked in its place."""
    score_card: str
    """The score card, canonical JSON."""
    manifest: str
    """The manifest, JSON."""
    model_card: str
    bundle_digest: str
    """SHA-256 of the bundle as it was received."""
    bundle_bytes: int
    flags: tuple[Flag, ...]
    verifications: tuple[Verified, ...]
    history: tuple[Event, ...]


@dataclass(frozen=True, kw_only=True)
class Receipt:
    """The answer to a submitter."""

    submission_id: str
    is_new: bool
    """False if the same predictions were there already, so that nothing was added."""
    row: Row
    flags: tuple[str, ...]
    revision: int


@dataclass(frozen=True, kw_only=True)
class MethodHistory:
    """All submissions of one method, oldest first."""

    method: str
    rows: tuple[Row, ...]
    withdrawn: int
    """Number of others that were withdrawn or hidden."""
