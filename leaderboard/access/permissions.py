"""Rules for making and revoking tokens: moderators for everyone, others for themselves."""

from collections.abc import Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from leaderboard.access import tokens
from leaderboard.clock import later
from leaderboard.records import ANYONE, Identity, RefusedError
from leaderboard.store.models import TokenRow

MOST_VALID = 20
"""Valid tokens of one name, unless a moderator issues them."""
_LONGEST_DAYS = 365
"""For people who signed in without a token."""


def issue(
    session: Session,
    identity: Identity,
    *,
    name: str,
    roles: Sequence[str],
    days: float | None,
    daily_quota: int | None,
    now: str,
) -> tokens.IssuedToken:
    """Make a token, or raise RefusedError if this person may not."""
    latest = _latest_end(
        session, identity, name=name, roles=roles, daily_quota=daily_quota, now=now
    )
    return tokens.issue(
        session,
        name=name,
        roles=roles,
        now=now,
        days=days,
        daily_quota=daily_quota,
        latest=latest,
        actor=identity.name,
    )


def _latest_end(
    session: Session,
    identity: Identity,
    *,
    name: str,
    roles: Sequence[str],
    daily_quota: int | None,
    now: str,
) -> str | None:
    """Decide when a new token must end at the latest, or raise RefusedError. None means never.

    People who do not moderate make tokens for their own name only. Such a token may do no more than
    its maker, and ends with the token that was shown: a right that was granted until some day is
    not granted for longer.
    """
    if "moderator" in identity.roles:
        return None
    if identity == ANYONE:
        raise RefusedError(401, "no-token", "Sign in to make a token.")
    if name.strip() != identity.name:
        raise RefusedError(
            403, "not-yours", "Only a moderator makes tokens for others; yours are for your name."
        )
    lacking = sorted(set(roles) - identity.roles)
    if lacking:
        raise RefusedError(
            403, "no-role", f"{identity.name!r} does not have {' or '.join(map(repr, lacking))}."
        )
    allowed = identity.daily_quota
    if allowed is not None and (daily_quota is None or daily_quota > allowed):
        raise RefusedError(403, "quota", f"Your tokens allow at most {allowed} bundles a day.")
    _check_number(session, identity, now=now)
    own = session.get(TokenRow, identity.token_id) if identity.token_id else None
    return own.expires_at if own is not None else later(now, days=_LONGEST_DAYS)


def revoke(session: Session, identity: Identity, token_id: str, *, now: str) -> tokens.TokenInfo:
    """Make a token worthless, or raise RefusedError if this person may not."""
    _check_may_revoke(session, identity, token_id)
    return tokens.revoke(session, token_id, now=now, actor=identity.name)


def _check_may_revoke(session: Session, identity: Identity, token_id: str) -> None:
    if "moderator" in identity.roles:
        return
    if identity == ANYONE:
        raise RefusedError(401, "no-token", "Sign in to revoke a token.")
    token = session.get(TokenRow, token_id)
    if token is None or token.name != identity.name:
        # The same answer for both: it tells nobody which tokens there are.
        raise RefusedError(403, "not-yours", f"{token_id!r} is not a token of {identity.name!r}.")


def _check_number(session: Session, identity: Identity, *, now: str) -> None:
    n = session.scalar(
        select(func.count())
        .select_from(TokenRow)
        .where(
            TokenRow.name == identity.name,
            TokenRow.revoked_at.is_(None),
            (TokenRow.expires_at.is_(None)) | (TokenRow.expires_at > now),
        )
    )
    if (n or 0) >= MOST_VALID:
        raise RefusedError(
            409, "too-many-tokens", f"You have {n} valid tokens. Revoke one that you do not need."
        )
