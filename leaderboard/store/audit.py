"""The audit log: a chain in which changing one entry breaks every later one."""

import json
from collections.abc import Iterator, Mapping

from sqlalchemy import select
from sqlalchemy.orm import Session

from data_gen.foundation.documents import canonical_json, digest_of
from leaderboard import logs
from leaderboard.records import Event
from leaderboard.store.models import AuditRow

_PENDING = "dgbench_pending_entries"
_LOGGED = {
    "code": "code",
    "level": "verification",
    "outcome": "outcome",
    "roles": "roles",
}
"""What the server's log repeats of an entry's details. The rest may name people."""
START = "0" * 64
"""The digest before the first entry."""


def append(
    session: Session,
    *,
    time: str,
    actor: str,
    action: str,
    subject: str,
    detail: Mapping[str, object],
) -> Event:
    """Add an entry, within the transaction of the change that it tells of."""
    last = session.execute(
        select(AuditRow.number, AuditRow.digest).order_by(AuditRow.number.desc()).limit(1)
    ).one_or_none()
    number, previous = (last.number + 1, last.digest) if last else (1, START)
    text = canonical_json(detail, ensure_ascii=False)
    row = AuditRow(
        number=number,
        at=time,
        actor=actor,
        action=action,
        subject=subject,
        detail=text,
        previous=previous,
        digest=_digest(number, time, actor, action, subject, text, previous),
    )
    session.add(row)
    session.flush()
    facts = {name: str(detail[key]) for key, name in _LOGGED.items() if key in detail}
    session.info.setdefault(_PENDING, []).append((action, {"subject": subject, **facts}))
    return event_of(row)


def log_entries(session: Session) -> None:
    """Tell the server's log of a session's entries, once they are committed."""
    for action, facts in session.info.pop(_PENDING, ()):
        logs.event(action, **facts)


def events(session: Session, *, subject: str | None = None) -> list[Event]:
    """List the log, or the entries about one subject, oldest first."""
    oldest_first = select(AuditRow).order_by(AuditRow.number)
    if subject is not None:
        oldest_first = oldest_first.where(AuditRow.subject == subject)
    return [event_of(row) for row in session.scalars(oldest_first)]


def newest(session: Session) -> str | None:
    """Return the time of the newest entry. Since writers queue up, no earlier one can follow."""
    return session.scalar(select(AuditRow.at).order_by(AuditRow.number.desc()).limit(1))


def event_of(row: AuditRow) -> Event:
    """Read an entry as the service shows it."""
    return Event(
        number=row.number,
        at=row.at,
        actor=row.actor,
        action=row.action,
        subject=row.subject,
        detail=json.loads(row.detail),
        previous=row.previous,
        digest=row.digest,
    )


def head(session: Session) -> str:
    """Return the digest of the newest entry."""
    newest = select(AuditRow.digest).order_by(AuditRow.number.desc()).limit(1)
    return session.scalar(newest) or START


def breaks(session: Session) -> Iterator[str]:
    """Say in a sentence what is wrong at each break of the chain."""
    previous, expected = START, 1
    for row in session.scalars(select(AuditRow).order_by(AuditRow.number)):
        if row.number != expected:
            yield f"audit: entry {expected} is missing."
        if row.previous != previous:
            yield f"audit: entry {row.number} does not follow the entry before it."
        recomputed = _digest(
            row.number, row.at, row.actor, row.action, row.subject, row.detail, row.previous
        )
        if recomputed != row.digest:
            yield f"audit: entry {row.number} was changed after it was written."
        previous, expected = row.digest, row.number + 1


def _digest(*fields: object) -> str:
    return digest_of(canonical_json(fields, ensure_ascii=False))
