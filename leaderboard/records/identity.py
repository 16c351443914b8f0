"""Identities of people, and the roles that decide what they may do."""

from dataclasses import dataclass
from typing import Literal

Role = Literal["submitter", "moderator", "verifier"]

ROLES: tuple[Role, ...] = ("submitter", "moderator", "verifier")


@dataclass(frozen=True, kw_only=True)
class Identity:
    """A person who asks, with the roles that decide what this person may do."""

    name: str
    roles: frozenset[Role] = frozenset()
    token_id: str | None = None
    """The token that was shown, or None for the operator of a local store."""
    daily_quota: int | None = None
    """Bundles in 24 hours, or None for no limit."""


OPERATOR = Identity(name="operator", roles=frozenset(ROLES))
"""The user of the command line, who may write the store's files."""
ANYONE = Identity(name="anyone")
"""A reader who shows no token."""
