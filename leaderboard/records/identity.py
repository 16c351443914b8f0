"""Who asks, and what that person may do."""

from dataclasses import dataclass
from typing import Literal

Role = Literal["submitter", "moderator", "verifier"]

ROLES: tuple[Role, ...] = ("submitter", "moderator", "verifier")


@dataclass(frozen=True, kw_only=True)
class Identity:
    """Who asks, and what that person may do."""

    name: str
    roles: frozenset[Role] = frozenset()
    token_id: str | None = None
    """The token that was shown; None for the operator of a local store."""
    daily_quota: int | None = None
    """Bundles in 24 hours; None for no limit."""


OPERATOR = Identity(name="operator", roles=frozenset(ROLES))
"""Whoever may write the store's files: the user of the command line."""
ANYONE = Identity(name="anyone")
"""A reader who shows no token."""
