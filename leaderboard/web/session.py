"""The visitor's session: the service, the visitor's identity, the theme."""

from collections.abc import Mapping
from typing import Any

import streamlit as st

from leaderboard.access.sign_ins import COOKIE, SIGN_INS
from leaderboard.access.tokens import DEFAULT_QUOTA
from leaderboard.records import ANYONE, Identity, RefusedError, Site
from leaderboard.service import Service
from leaderboard.web.current_service import current_service, current_site
from leaderboard.web.theme import INKS

_TOKEN = "dgbench_token"  # noqa: S105 (its place in the session, no secret)


def service() -> Service:
    """Return the one service of this process, the same as the API's."""
    return current_service()


def site() -> Site:
    """Return what the operator says about the site."""
    return current_site()


def visitor() -> Identity:
    """Find out who looks at the page, anew each time, so that a revoked token ends at once."""
    token_id = st.session_state.get(_TOKEN) or SIGN_INS.token_of(_cookie())
    if token_id:
        try:
            return service().identity_by_id(token_id)
        except RefusedError as refused:
            sign_out()
            st.warning(refused.detail)
    name = _signed_in()
    if name:
        return Identity(name=name, roles=frozenset({"submitter"}), daily_quota=DEFAULT_QUOTA)
    return ANYONE


def sign_in(secret: str) -> str:
    """Return a ticket for a cookie, or raise RefusedError: the token is worth nothing.

    Where there is no browser that could take a cookie, the token is remembered for this visit.
    """
    token_id = service().identity(secret.strip()).token_id or ""
    if st.context.url is None:
        st.session_state[_TOKEN] = token_id
    return SIGN_INS.ticket(token_id)


def sign_out() -> None:
    """End the sign-in."""
    SIGN_INS.end(_cookie())
    st.session_state.pop(_TOKEN, None)


def _cookie() -> str | None:
    cookie = st.context.cookies.get(COOKIE)
    return cookie if isinstance(cookie, str) else None


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
