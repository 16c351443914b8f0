"""The visitor's session: the service, the visitor's identity, the theme."""

from collections.abc import Mapping
from typing import Any

import streamlit as st

from leaderboard.access.tokens import DEFAULT_QUOTA
from leaderboard.records import ANYONE, Identity, RefusedError
from leaderboard.service import Service
from leaderboard.web.current_service import current_service
from leaderboard.web.theme import INKS

_TOKEN = "dgbench_token"  # noqa: S105 (its place in the session, no secret)


def service() -> Service:
    """Return the one service of this process, the same as the API's."""
    return current_service()


def visitor() -> Identity:
    """Find out who looks at the page, anew each time, so that a revoked token ends at once."""
    secret = st.session_state.get(_TOKEN)
    if secret:
        try:
            return service().identity(secret)
        except RefusedError as refused:
            del st.session_state[_TOKEN]
            st.warning(refused.detail)
    name = _signed_in()
    if name:
        return Identity(name=name, roles=frozenset({"submitter"}), daily_quota=DEFAULT_QUOTA)
    return ANYONE


def sign_in(secret: str) -> Identity:
    """Remember a token for this visit, or raise RefusedError: it is worth nothing."""
    identity = service().identity(secret.strip())
    st.session_state[_TOKEN] = secret.strip()
    return identity


def sign_out() -> None:
    """Forget the token."""
    st.session_state.pop(_TOKEN, None)


def ink() -> str:
    """Return the colour of text in charts for the theme that the visitor has chosen."""
    return INKS["dark" if is_dark() else "light"]


def is_dark() -> bool:
    """Tell whether the visitor sees light text on a dark page."""
    return str(st.context.theme.type) == "dark"


def has_oidc() -> bool:
    """Tell whether the operator configured a sign-in by OpenID Connect."""
    try:
        auth: Any = st.secrets.get("auth")
    except FileNotFoundError:
        return False
    return isinstance(auth, Mapping) and "client_id" in auth


def _signed_in() -> str | None:
    """Name the person whom a provider vouches for: a verified address, or the provider's own name.

    An address that nobody verified could be somebody else's.
    """
    if not has_oidc() or not st.user.is_logged_in:
        return None
    if st.user.get("email") and st.user.get("email_verified") is True:
        return str(st.user["email"])
    return f"{st.user['iss']}/{st.user['sub']}"
