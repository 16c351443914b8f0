"""Groups of the leaderboard, and the state of the store."""

from collections.abc import Mapping
from dataclasses import dataclass

from dgbench.results.selection import Selection


@dataclass(frozen=True, kw_only=True)
class Group:
    """Rows that are ranked against each other."""

    benchmark: str
    uses: tuple[str, ...]
    selection: Selection
    n_entries: int
    """Entries that are methods: no yardsticks, and none that a later one replaces."""
    last_submitted_at: str


@dataclass(frozen=True, kw_only=True)
class Filling:
    """The state of the import of the reference results."""

    n_done: int
    n_total: int
    is_done: bool
    last_step_at: str
    """Time of the last step."""


@dataclass(frozen=True, kw_only=True)
class Status:
    """The state of the store."""

    revision: int
    database: str
    """`sqlite` or `postgresql`."""
    n_submissions: int
    n_rows: int
    """Entries of all groups, without yardsticks."""
    n_withdrawn: int
    n_hidden: int
    n_flags: int
    """Flags that no moderator has cleared."""
    last_submitted_at: str | None
    last_backup_at: str | None
    last_fsck_at: str | None
    last_fsck_problems: int | None
    schema: str
    """Revision of the tables."""
    versions: Mapping[str, str]
    """Versions of dgbench, Python and the packages that affect what is shown."""
    audit_digest: str
    """The newest entry's digest. Anyone who keeps it can tell later whether history was changed."""
