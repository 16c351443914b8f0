"""Entity tags, which change with the leaderboard's revision."""

import secrets

_PROCESS = secrets.token_hex(4)
"""Makes tags differ between processes, since a restored backup may count revisions anew."""


def etag_of(revision: int) -> str:
    """Make the tag of every answer at a revision: a weak one, since answers get compressed."""
    return f'W/"{_PROCESS}-{revision}"'


def is_known(if_none_match: str | None, etag: str) -> bool:
    """Tell whether a reader has the answer already."""
    if if_none_match is None:
        return False
    held = [tag.strip().removeprefix("W/") for tag in if_none_match.split(",")]
    return "*" in held or etag.removeprefix("W/") in held
