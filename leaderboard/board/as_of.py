"""The leaderboard as of a time, ranked anew from all that had been received by then."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from leaderboard.board.materialize import (
    RECEIVED,
    GroupKey,
    Moderation,
    Rank,
    Received,
    levels,
    rows_of,
)
from leaderboard.clock import parse
from leaderboard.records import Query, Row, State
from leaderboard.store.models import (
    AuditRow,
    FlagRow,
    SubmissionRow,
    VerificationRow,
    track_from,
    track_text,
)

_STATES: dict[str, State] = {
    "received": "shown",
    "withdrawn": "withdrawn",
    "moderated: hide": "hidden",
    "moderated: show": "shown",
}


def rows_at(session: Session, query: Query, rank: Rank) -> list[Row]:
    """Make the rows of the groups that a query names, as they were at its time."""
    time = parse(str(query.as_of))
    moderation = _moderation(session, time)
    groups = _received_by(session, query, time)
    return [
        shown.row
        for key in sorted(groups)
        for shown in rows_of(session, groups[key], rank, moderation)
        if shown.superseded_by is None
    ]


def _received_by(session: Session, query: Query, time: str) -> dict[GroupKey, list[Received]]:
    """Read the submissions of a query's groups, in their states at a time."""
    group = SubmissionRow.benchmark, SubmissionRow.uses, SubmissionRow.selection
    received = select(*group, *RECEIVED).where(
        SubmissionRow.benchmark == query.benchmark, SubmissionRow.received_at <= time
    )
    if query.uses is not None:
        received = received.where(SubmissionRow.uses == track_text(query.uses))
    if query.selection is not None:
        received = received.where(SubmissionRow.selection == query.selection)
    states = _states(session, time)
    groups: dict[GroupKey, list[Received]] = {}
    for benchmark, uses, selection, *columns in session.execute(received):
        submission = Received(*columns)
        submission = submission._replace(state=states.get(submission.id, "shown"))
        key = GroupKey(benchmark, track_from(uses), selection)
        groups.setdefault(key, []).append(submission)
    return groups


def _states(session: Session, time: str) -> dict[str, State]:
    """Read the state of each submission at a time from the audit log."""
    log = session.execute(
        select(AuditRow.subject, AuditRow.action)
        .where(AuditRow.action.in_(_STATES), AuditRow.at <= time)
        .order_by(AuditRow.number)
    )
    return {subject: _STATES[action] for subject, action in log}


def _moderation(session: Session, time: str) -> Moderation:
    flags: dict[str, set[str]] = {}
    for row in session.scalars(select(FlagRow).where(FlagRow.raised_at <= time)):
        if row.cleared_at is None or row.cleared_at > time:
            flags.setdefault(row.submission_id, set()).add(row.code)
    records = session.execute(
        select(VerificationRow.submission_id, VerificationRow.level, VerificationRow.verdict)
        .where(VerificationRow.at <= time)
        .order_by(VerificationRow.at, VerificationRow.digest)
    )
    return Moderation(
        {identifier: tuple(sorted(codes)) for identifier, codes in flags.items()},
        levels((record[0], record[1], record[2]) for record in records),
    )
