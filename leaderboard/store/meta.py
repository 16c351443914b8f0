"""Single values of the store by key, such as the revision of what is shown."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from leaderboard.store.models import MetaRow

_REVISION = "revision"
BLOBS = "blobs"
"""The folder of blobs, which the database knows under every spelling of its own address."""
FILLING = "filling"
"""How far the import of the reference results is, as JSON."""
FILLED_WITH = "filled-with"
"""Which reference results were imported, as JSON: a digest of each, by name."""
_STALE = "stale_ranks"


def read(session: Session, key: str) -> str | None:
    """Read a value, or None if it was never written."""
    return session.scalar(select(MetaRow.value).where(MetaRow.key == key))


def write(session: Session, key: str, value: str) -> None:
    """Write a value in place of the one before it."""
    session.merge(MetaRow(key=key, value=value))


def revision(session: Session) -> int:
    """Return a number that grows whenever what is shown changes."""
    return int(read(session, _REVISION) or 0)


def has_stale_ranks(session: Session) -> bool:
    """Tell whether a migration changed rows, whose ranks and tiers must be computed again."""
    return bool(read(session, _STALE))


def ranks_are_current(session: Session) -> None:
    """Note that the ranks of all rows are those of this version."""
    write(session, _STALE, "")


def count_revision(session: Session) -> None:
    """Raise the revision after a change of what is shown."""
    write(session, _REVISION, str(revision(session) + 1))
