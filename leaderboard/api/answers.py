"""The types of the API's answers, beside the service's own records."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from pydantic import TypeAdapter

from leaderboard.records import Event, Flag, Query, Row, State, Submission, Verified

JSON_TYPE = "application/json"
BUNDLE_TYPE = "application/vnd.dgbench.submission+zip"


@dataclass(frozen=True)
class Answer:
    """The whole body of a response, with its status and headers."""

    body: bytes
    media_type: str = JSON_TYPE
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Alive:
    """The process answers."""

    status: str = "ok"


@dataclass(frozen=True, kw_only=True)
class Ready:
    """The store answers, and can keep what is submitted."""

    revision: int
    n_submissions: int
    schema: str
    """Revision of the tables."""


@dataclass(frozen=True, kw_only=True)
class Leaderboard:
    """Rows of the leaderboard, with the question that they answer."""

    revision: int
    query: Query
    rows: tuple[Row, ...]


@dataclass(frozen=True, kw_only=True)
class FullSubmission:
    """One submission without its scores and history, which have paths of their own."""

    id: str
    state: State
    reason: str
    """Why it was hidden or withdrawn."""
    row: Row
    is_superseded_by: str | None
    manifest: Mapping[str, Any]
    """What the submitter declared."""
    model_card: str
    bundle_digest: str
    bundle_bytes: int
    flags: tuple[Flag, ...]
    verifications: tuple[Verified, ...]


@dataclass(frozen=True, kw_only=True)
class History:
    """The audit log's entries about one submission, oldest first."""

    submission_id: str
    events: tuple[Event, ...]


@dataclass(frozen=True, kw_only=True)
class Nonce:
    """The random text from which the seeds of fresh data follow."""

    nonce: str


@dataclass(frozen=True, kw_only=True)
class SpecSummary:
    """A summary of one benchmark."""

    name: str
    summary: str
    source: str
    hidden: tuple[str, ...]
    """Patterns whose discovery is scored."""


@dataclass(frozen=True, kw_only=True)
class Specs:
    """The benchmarks that this server scores."""

    specs: tuple[SpecSummary, ...]


@dataclass(frozen=True, kw_only=True)
class FullSpec:
    """One benchmark and its identity."""

    digest: str
    spec: Mapping[str, Any]


@cache
def adapter_of(kind: Any) -> TypeAdapter[Any]:
    """Return what validates and serialises records of a type."""
    return TypeAdapter(kind)


def as_json(value: Any, *, status: int = 200, headers: Mapping[str, str] | None = None) -> Answer:
    """Write a record as JSON."""
    kind: Any = type(value)
    return Answer(adapter_of(kind).dump_json(value), status=status, headers=dict(headers or {}))


def with_rows(head: Leaderboard, documents: Iterable[str]) -> Answer:
    """Write a leaderboard whose rows are JSON already, so that ten thousand need not be parsed."""
    body = adapter_of(Leaderboard).dump_json(head)
    begin, empty, end = body.rpartition(b"[]")
    if not empty or head.rows:
        raise ValueError("The head has rows of its own.")
    return Answer(b"".join((begin, b"[", ",".join(documents).encode(), b"]", end)))


def full(submission: Submission) -> FullSubmission:
    """Select what the API shows of a submission."""
    return FullSubmission(
        id=submission.id,
        state=submission.state,
        reason=submission.reason,
        row=submission.row,
        is_superseded_by=submission.is_superseded_by,
        manifest=json.loads(submission.manifest),
        model_card=submission.model_card,
        bundle_digest=submission.bundle_digest,
        bundle_bytes=submission.bundle_bytes,
        flags=submission.flags,
        verifications=submission.verifications,
    )
