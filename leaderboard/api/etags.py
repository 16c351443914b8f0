"""Entity tags: an answer is the same as long as the leaderboard's revision is."""

import secrets

_PROCESS = secrets.token_hex(4)
"""A restored backup may count revisions anew; a new process never repeats an old tag."""


def etag_of(revision: int) -> str:
    """The tag of every answer at a revision; weak, since answers are compressed on the way."""
    return f'W/"{_PROCESS}-{revision}"'


def is_known(if_none_match: str | None, etag: str) -> bool:
    """Whether a reader holds the answer already."""
    if if_none_match is None:
        return False
    held = [tag.strip().removeprefix("W/") for tag in if_none_match.split(",")]
    return "*" in held or etag.removeprefix("W/") in held
