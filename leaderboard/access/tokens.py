"""Tokens: random, shown once, kept as digests, limited in what they allow and for how long."""

import hmac
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field

from sqlalchemy import select
from sqlalchemy.orm import Session

from data_gen.foundation.documents import digest_of
from data_gen.foundation.errors import UsageError, suggestion
from leaderboard.clock import later
from leaderboard.records import ANYONE, ROLES, Identity, RefusedError, Role
from leaderboard.store import audit
from leaderboard.store.models import TokenRow

PREFIX = "dgb_"
"""Lets a scan for secrets recognise a token."""
_BYTES = 32
DEFAULT_QUOTA = 50
"""Bundles in 24 hours, including refused ones."""


@dataclass(frozen=True, kw_only=True)
class TokenInfo:
    """The public facts about a token. Its secret is shown once and not kept."""

    id: str
    name: str
    """The person that it was issued to."""
    roles: tuple[Role, ...]
    issued_at: str
    expires_at: str | None
    revoked_at: str | None
    daily_quota: int | None


@dataclass(frozen=True, kw_only=True)
class IssuedToken:
    """A new token with its secret, which is known only now."""

    secret: str = field(repr=False)
    info: TokenInfo


def issue(
    session: Session,
    *,
    name: str,
    roles: Sequence[str],
    now: str,
    days: float | None,
    daily_quota: int | None,
    latest: str | None,
    actor: str,
) -> IssuedToken:
    """Make a token for a person that ends at `latest` at the latest."""
    secret = PREFIX + secrets.token_urlsafe(_BYTES)
    ends = [latest, None if days is None else later(now, days=days)]
    row = TokenRow(
        id=secrets.token_hex(6),
        name=_checked_name(name),
        digest=_digest(secret),
        roles=",".join(_checked_roles(roles)),
        issued_at=now,
        expires_at=min(filter(None, ends), default=None),
        daily_quota=daily_quota,
        revoked_at=None,
    )
    session.add(row)
    audit.append(
        session,
        time=now,
        actor=actor,
        action="token issued",
        subject=row.id,
        detail={"name": row.name, "roles": row.roles, "expires_at": row.expires_at},
    )
    return IssuedToken(secret=secret, info=info_of(row))


def identity_of(session: Session, secret: str, *, now: str) -> Identity:
    """Tell who holds a token, or raise RefusedError: it is unknown, revoked or out of date."""
    digest = _digest(secret)
    row = session.scalar(select(TokenRow).where(TokenRow.digest == digest))
    # What is compared is the digest of what was sent, so that time tells nothing of the secret.
    if row is None or not hmac.compare_digest(row.digest, digest):
        raise RefusedError(401, "unknown-token", "This token is not known here. Ask for a new one.")
    return _holder(row, now=now)


def identity_by_id(session: Session, token_id: str, *, now: str) -> Identity:
    """Tell whose a token is, for somebody who has shown its secret before."""
    row = session.get(TokenRow, token_id)
    if row is None:
        raise RefusedError(401, "unknown-token", "This token is not known here. Ask for a new one.")
    return _holder(row, now=now)


def _holder(row: TokenRow, *, now: str) -> Identity:
    if row.revoked_at is not None:
        raise RefusedError(401, "revoked-token", "This token was revoked. Ask for a new one.")
    if row.expires_at is not None and row.expires_at <= now:
        raise RefusedError(401, "expired-token", f"This token expired at {row.expires_at}.")
    roles = frozenset(role for role in ROLES if role in row.roles.split(","))
    return Identity(name=row.name, roles=roles, token_id=row.id, daily_quota=row.daily_quota)


def revoke(session: Session, token_id: str, *, now: str, actor: str) -> TokenInfo:
    """Make a token worthless. Revoking it twice is allowed."""
    row = session.get(TokenRow, token_id)
    if row is None:
        identifiers = session.scalars(select(TokenRow.id))
        raise RefusedError(
            404,
            "unknown-token",
            f"There is no token {token_id!r}. {suggestion(token_id, identifiers)}",
        )
    if row.revoked_at is None:
        row.revoked_at = now
        audit.append(
            session, time=now, actor=actor, action="token revoked", subject=row.id, detail={}
        )
    return info_of(row)


def listed(session: Session, identity: Identity) -> tuple[TokenInfo, ...]:
    """List all tokens for a moderator, and their own for others."""
    rows = select(TokenRow).order_by(TokenRow.issued_at, TokenRow.id)
    if "moderator" not in identity.roles:
        if identity == ANYONE:
            raise RefusedError(401, "no-token", "Sign in to see the tokens that are yours.")
        rows = rows.where(TokenRow.name == identity.name)
    return tuple(info_of(row) for row in session.scalars(rows))


def info_of(row: TokenRow) -> TokenInfo:
    """Collect the public facts about a token."""
    return TokenInfo(
        id=row.id,
        name=row.name,
        issued_at=row.issued_at,
        expires_at=row.expires_at,
        roles=tuple(role for role in ROLES if role in row.roles.split(",")),
        revoked_at=row.revoked_at,
        daily_quota=row.daily_quota,
    )


def require(identity: Identity, role: Role) -> None:
    """Raise RefusedError unless a person has a role."""
    if role in identity.roles:
        return
    if identity == ANYONE:
        raise RefusedError(401, "no-token", f"This needs a token with the role {role!r}.")
    raise RefusedError(403, "no-role", f"{identity.name!r} does not have the role {role!r}.")


def _digest(secret: str) -> str:
    return digest_of(secret)


def _checked_roles(roles: Sequence[str]) -> list[str]:
    for role in roles:
        if role not in ROLES:
            raise UsageError(f"There is no role {role!r}. {suggestion(role, ROLES)}")
    if not roles:
        raise UsageError(f"A token needs a role: {', '.join(ROLES)}.")
    return [role for role in ROLES if role in roles]


def _checked_name(name: str) -> str:
    name = name.strip()
    if not name or len(name) > 80 or not name.isprintable():
        raise UsageError("The name on a token has 1 to 80 printable characters.")
    if name in ("operator", "anyone"):
        raise UsageError(f"The name {name!r} is kept for the leaderboard itself; choose another.")
    return name
