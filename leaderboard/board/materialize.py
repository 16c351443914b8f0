"""Makes the rows of a group, and rewrites those that changed."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import NamedTuple

from sqlalchemy import ColumnElement, delete, insert, select, update
from sqlalchemy.orm import Session

from dgbench.results.selection import Selection
from dgbench.standings.standing import gated
from leaderboard.board.documents import document_of, read_facts
from leaderboard.board.rules import Entrant, Ranked, attempts, order, place_fields, superseded
from leaderboard.records import Row, RowFacts, State, Verification
from leaderboard.store.models import (
    BoardRow,
    FlagRow,
    SubmissionRow,
    VerificationRow,
    track_from,
    track_text,
)

Rank = Callable[[Session, Sequence[Entrant]], Mapping[str, Ranked]]
"""Ranks entrants that are rankable and of one group."""

LEVELS: tuple[Verification, ...] = ("received", "package", "replayed", "fresh-seed")
"""Levels of verification, the lowest first."""


class GroupKey(NamedTuple):
    """The benchmark, track and selection that rows share if they are ranked against each other."""

    benchmark: str
    uses: tuple[str, ...]
    selection: Selection


class Received(NamedTuple):
    """The columns of a submission from which its row is made. Others are not read."""

    id: str
    received_at: str
    submitter: str
    method: str
    facts: str
    state: State


RECEIVED = tuple(getattr(SubmissionRow, name) for name in Received._fields)
"""The same columns in the table."""


class Shown(NamedTuple):
    """A row and the submission that stands in its place, if one does."""

    row: Row
    superseded_by: str | None


class BoardColumns(NamedTuple):
    """The columns of a row that change with its group."""

    position: int
    superseded_by: str | None
    document: str


class Moderation(NamedTuple):
    """Flags and verifications that people added to a group's submissions, by submission id."""

    flags: Mapping[str, tuple[str, ...]]
    verification: Mapping[str, Verification]


def refresh(session: Session, key: GroupKey, rank: Rank) -> None:
    """Rank a group anew and rewrite the rows that changed."""
    received = submissions_of(session, key)
    current = board_columns(rows_of(session, received, rank, moderation(session, key)))
    stored = stored_rows(session, key)
    gone = [identifier for identifier in stored if identifier not in current]
    if gone:
        session.execute(delete(BoardRow).where(BoardRow.submission_id.in_(gone)))
    group = {**key._asdict(), "uses": track_text(key.uses)}
    new = [
        {"submission_id": identifier, **group, **columns._asdict()}
        for identifier, columns in current.items()
        if identifier not in stored
    ]
    changed = [
        {"submission_id": identifier, **columns._asdict()}
        for identifier, columns in current.items()
        if identifier in stored and stored[identifier] != columns
    ]
    if new:
        session.execute(insert(BoardRow), new)
    if changed:
        session.execute(update(BoardRow), changed)


def rows_of(
    session: Session, received: Sequence[Received], rank: Rank, moderation: Moderation
) -> list[Shown]:
    """Make the rows of a group's shown submissions, in their order."""
    facts = read_facts(submission.facts for submission in received)
    by_id = {
        submission.id: (submission, bundle)
        for submission, bundle in zip(received, facts, strict=True)
    }
    entrants = [_entrant(submission, bundle) for submission, bundle in by_id.values()]
    replaced = superseded(entrants)
    n_attempts = attempts(entrants)
    ranks = rank(
        session,
        [entrant for entrant in entrants if entrant.is_rankable and entrant.id not in replaced],
    )
    visible = [entrant for entrant in entrants if entrant.state == "shown"]
    shown = []
    for identifier in order(visible, ranks):
        submission, bundle = by_id[identifier]
        decided = {
            "standing": gated(bundle.standing, bundle.retention),
            "verification": moderation.verification.get(identifier, bundle.verification),
        }
        row = Row(
            **{**vars(bundle), **decided, **place_fields(ranks.get(identifier))},
            submitted_at=submission.received_at,
            submitter=submission.submitter,
            attempts=n_attempts[identifier],
            flags=moderation.flags.get(identifier, ()),
        )
        shown.append(Shown(row, replaced.get(identifier)))
    return shown


def board_columns(shown: Sequence[Shown]) -> dict[str, BoardColumns]:
    """Write a group's rows, in their order, as the table holds them, by submission id."""
    return {
        row.submission_id: BoardColumns(position, superseded_by, document_of(row))
        for position, (row, superseded_by) in enumerate(shown)
    }


def stored_rows(session: Session, key: GroupKey) -> dict[str, BoardColumns]:
    """Read a group's rows as the table holds them, by submission id."""
    rows = session.execute(
        select(
            BoardRow.submission_id, BoardRow.position, BoardRow.superseded_by, BoardRow.document
        ).where(*_in_group(BoardRow, key))
    )
    return {
        identifier: BoardColumns(position, superseded_by, document)
        for identifier, position, superseded_by, document in rows
    }


def moderation(session: Session, key: GroupKey) -> Moderation:
    """Read the flags that stand, and the level that each submission was verified to."""
    flags: dict[str, list[str]] = {}
    of_group = select(SubmissionRow.id).where(*_in_group(SubmissionRow, key))
    standing = (
        select(FlagRow.submission_id, FlagRow.code)
        .where(FlagRow.submission_id.in_(of_group), FlagRow.cleared_at.is_(None))
        .distinct()
        .order_by(FlagRow.submission_id, FlagRow.code)
    )
    for identifier, code in session.execute(standing):
        flags.setdefault(identifier, []).append(code)
    records = session.execute(
        select(VerificationRow.submission_id, VerificationRow.level, VerificationRow.verdict)
        .where(VerificationRow.submission_id.in_(of_group))
        .order_by(VerificationRow.at, VerificationRow.digest)
    )
    return Moderation(
        {identifier: tuple(codes) for identifier, codes in flags.items()},
        levels((record[0], record[1], record[2]) for record in records),
    )


def levels(records: Iterable[tuple[str, Verification, str]]) -> dict[str, Verification]:
    """Find the level that verifications, oldest first, add up to, by submission id.

    It is the highest level that was passed, unless a later verification failed.
    """
    reached: dict[str, Verification] = {}
    for identifier, level, verdict in records:
        before = reached.get(identifier, LEVELS[0])
        if verdict == "failed":
            reached[identifier] = "failed"
        elif verdict == "passed" and (
            before == "failed" or LEVELS.index(level) >= LEVELS.index(before)
        ):
            reached[identifier] = level
    return reached


def groups(session: Session) -> list[GroupKey]:
    """List the groups of all submissions, sorted."""
    columns = select(SubmissionRow.benchmark, SubmissionRow.uses, SubmissionRow.selection)
    return sorted(
        GroupKey(benchmark, track_from(uses), selection)
        for benchmark, uses, selection in session.execute(columns.distinct())
    )


def group_of(submission: SubmissionRow) -> GroupKey:
    """Return the group that a submission belongs to."""
    return GroupKey(submission.benchmark, track_from(submission.uses), submission.selection)


def submissions_of(session: Session, key: GroupKey) -> list[Received]:
    """Read a group's submissions, whatever became of them."""
    rows = session.execute(select(*RECEIVED).where(*_in_group(SubmissionRow, key)))
    return [Received(*columns) for columns in rows]


def _in_group(
    table: type[SubmissionRow] | type[BoardRow], key: GroupKey
) -> tuple[ColumnElement[bool], ...]:
    return (
        table.benchmark == key.benchmark,
        table.uses == track_text(key.uses),
        table.selection == key.selection,
    )


def _entrant(submission: Received, facts: RowFacts) -> Entrant:
    return Entrant(
        id=submission.id,
        received_at=submission.received_at,
        submitter=submission.submitter,
        method=submission.method,
        state=submission.state,
        standing=gated(facts.standing, facts.retention),
        score=facts.headline.estimate,
    )
