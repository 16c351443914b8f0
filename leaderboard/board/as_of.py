"""The leaderboard as it was at a time: ranked anew from what had been received by then."""

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
    """The rows of the groups that a query names, as they stood at its time."""
    at = parse(str(query.as_of))
    group = SubmissionRow.benchmark, SubmissionRow.uses, SubmissionRow.selection
    wanted = select(*group, *RECEIVED).where(
        SubmissionRow.benchmark == query.benchmark, SubmissionRow.received_at <= at
    )
    if query.uses is not None:
        wanted = wanted.where(SubmissionRow.uses == track_text(query.uses))
    if query.selection is not None:
        wanted = wanted.where(SubmissionRow.selection == query.selection)
    states = _states(session, at)
    by_group: dict[GroupKey, list[Received]] = {}
    for benchmark, uses, selection, *fields in session.execute(wanted):
        one = Received(*fields)
        then = one._replace(state=states.get(one.id, "shown"))
        by_group.setdefault(GroupKey(benchmark, track_from(uses), selection), []).append(then)
    told = _moderation(session, at)
    return [
        shown.row
        for key in sorted(by_group)
        for shown in rows_of(session, by_group[key], rank, told)
        if shown.superseded_by is None
    ]


def _states(session: Session, at: str) -> dict[str, State]:
    """The state of each submission at a time, by the audit log."""
    log = session.execute(
        select(AuditRow.subject, AuditRow.action)
        .where(AuditRow.action.in_(_STATES), AuditRow.at <= at)
        .order_by(AuditRow.number)
    )
    return {subject: _STATES[action] for subject, action in log}


def _moderation(session: Session, at: str) -> Moderation:
    flags: dict[str, set[str]] = {}
    for row in session.scalars(select(FlagRow).where(FlagRow.raised_at <= at)):
        if row.cleared_at is None or row.cleared_at > at:
            flags.setdefault(row.submission_id, set()).add(row.code)
    records = session.execute(
        select(VerificationRow.submission_id, VerificationRow.level, VerificationRow.verdict)
        .where(VerificationRow.at <= at)
        .order_by(VerificationRow.at, VerificationRow.digest)
    )
    return Moderation(
        {identifier: tuple(sorted(codes)) for identifier, codes in flags.items()},
        levels((record[0], record[1], record[2]) for record in records),
    )
