"""The materialised leaderboard: how a group's rows are made, and rewritten where they changed."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import NamedTuple

from sqlalchemy import ColumnElement, delete, insert, select, update
from sqlalchemy.orm import Session

from dgbench.results.selection import Selection
from leaderboard.board.documents import document_of, read_facts
from leaderboard.board.rules import Entrant, Place, attempts, order, superseded
from leaderboard.records import Row, RowFacts, State, Verification
from leaderboard.store.models import (
    BoardRow,
    FlagRow,
    SubmissionRow,
    VerificationRow,
    track_from,
    track_text,
)

Rank = Callable[[Session, Sequence[Entrant]], Mapping[str, Place]]
"""Ranks entrants that are rankable and of one group."""

LEVELS: tuple[Verification, ...] = ("received", "package", "replayed", "fresh-seed")
"""Levels of verification, the lowest first."""


class GroupKey(NamedTuple):
    """The benchmark, track and selection that rows share if they are ranked against each other."""

    benchmark: str
    uses: tuple[str, ...]
    selection: Selection


class Received(NamedTuple):
    """The columns of a submission from which its row is made; others are not read."""

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


class Moderation(NamedTuple):
    """Flags and verifications that people added to a group's submissions, by submission id."""

    flags: Mapping[str, tuple[str, ...]]
    verification: Mapping[str, Verification]


def refresh(session: Session, key: GroupKey, rank: Rank) -> None:
    """Rank a group anew and rewrite the rows that changed."""
    found = submissions_of(session, key)
    shown = rows_of(session, found, rank, moderation(session, key))
    wanted = {
        each.row.submission_id: (position, each.superseded_by, document_of(each.row))
        for position, each in enumerate(shown)
    }
    there = stored_rows(session, key)
    gone = [identifier for identifier in there if identifier not in wanted]
    if gone:
        session.execute(delete(BoardRow).where(BoardRow.submission_id.in_(gone)))
    columns = ("position", "superseded_by", "document")
    new = [
        {"submission_id": i, **_group_columns(key), **dict(zip(columns, values, strict=True))}
        for i, values in wanted.items()
        if i not in there
    ]
    changed = [
        {"submission_id": i, **dict(zip(columns, values, strict=True))}
        for i, values in wanted.items()
        if i in there and there[i] != values
    ]
    if new:
        session.execute(insert(BoardRow), new)
    if changed:
        session.execute(update(BoardRow), changed)


def rows_of(
    session: Session, found: Sequence[Received], rank: Rank, told: Moderation
) -> list[Shown]:
    """Make the rows of a group's shown submissions, in their order."""
    facts = read_facts(one.facts for one in found)
    received = {one.id: (one, bundle) for one, bundle in zip(found, facts, strict=True)}
    entrants = {one.id: _entrant(one, bundle) for one, bundle in received.values()}
    replaced = superseded(list(entrants.values()))
    tries = attempts(list(entrants.values()))
    ranked = [one for one in entrants.values() if one.is_rankable and one.id not in replaced]
    places = rank(session, ranked)
    visible = [one for one in entrants.values() if one.state == "shown"]
    shown = []
    for identifier in order(visible, places):
        place = places.get(identifier)
        submission, bundle = received[identifier]
        row = Row.of(
            bundle,
            rank=place.rank if place else None,
            rank_low=place.low if place else None,
            rank_high=place.high if place else None,
            verification=told.verification.get(identifier, bundle.verification),
            submitted_at=submission.received_at,
            submitter=submission.submitter,
            attempts=tries[identifier],
            flags=told.flags.get(identifier, ()),
        )
        shown.append(Shown(row, replaced.get(identifier)))
    return shown


def stored_rows(session: Session, key: GroupKey) -> dict[str, tuple[int, str | None, str]]:
    """Position, successor and document of a group's rows as they are kept, by submission id."""
    columns = (BoardRow.submission_id, BoardRow.position, BoardRow.superseded_by, BoardRow.document)
    return {
        identifier: (position, by, document)
        for identifier, position, by, document in session.execute(
            select(*columns).where(*_of(BoardRow, key))
        )
    }


def moderation(session: Session, key: GroupKey) -> Moderation:
    """The flags that stand, and the level that each submission was verified to."""
    flags: dict[str, list[str]] = {}
    of_group = select(SubmissionRow.id).where(*_of(SubmissionRow, key))
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
    """Find the level that verifications, oldest first, add up to, by submission id."""
    found: dict[str, Verification] = {}
    for identifier, level, verdict in records:
        before = found.get(identifier, LEVELS[0])
        if verdict == "failed":
            found[identifier] = "failed"
        elif verdict == "passed" and (
            before == "failed" or LEVELS.index(level) >= LEVELS.index(before)
        ):
            found[identifier] = level
    return found


def group_of(one: SubmissionRow) -> GroupKey:
    """The group that a submission belongs to."""
    return GroupKey(one.benchmark, track_from(one.uses), one.selection)


def submissions_of(session: Session, key: GroupKey) -> list[Received]:
    """A group's submissions, whatever became of them."""
    found = session.execute(select(*RECEIVED).where(*_of(SubmissionRow, key)))
    return [Received(*fields) for fields in found]


def _of(
    table: type[SubmissionRow] | type[BoardRow], key: GroupKey
) -> tuple[ColumnElement[bool], ...]:
    return (
        table.benchmark == key.benchmark,
        table.uses == track_text(key.uses),
        table.selection == key.selection,
    )


def _group_columns(key: GroupKey) -> dict[str, str]:
    return {**key._asdict(), "uses": track_text(key.uses)}


def _entrant(one: Received, facts: RowFacts) -> Entrant:
    return Entrant(
        id=one.id,
        received_at=one.received_at,
        submitter=one.submitter,
        method=one.method,
        state=one.state,
        standing=facts.standing,
        score=facts.hps,
        tie_break=facts.worst_accuracy or 0.0,
    )
