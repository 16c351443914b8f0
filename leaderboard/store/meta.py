"""Single values of the store by key, such as the revision of what is shown."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from leaderboard.store.models import MetaRow

_REVISION = "revision"


def read(session: Session, key: str) -> str | None:
    """Read a value, or None if it was never written."""
    return session.scalar(select(MetaRow.value).where(MetaRow.key == key))


def write(session: Session, key: str, value: str) -> None:
    """Write a value in place of the one before it."""
    session.merge(MetaRow(key=key, value=value))


def revision(session: Session) -> int:
    """Return a number that grows whenever what is shown changes."""
    return int(read(session, _REVISION) or 0)


def count_revision(session: Session) -> None:
    """Raise the revision after a change of what is shown."""
    write(session, _REVISION, str(revision(session) + 1))
