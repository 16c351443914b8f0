"""The ways to sign in: with an account at the operator's provider, or with a token."""

import streamlit as st

from leaderboard.records import ANYONE, Identity, RefusedError
from leaderboard.web import links
from leaderboard.web.markdown import plain
from leaderboard.web.session import has_oidc, sign_in, sign_out, site, visitor


def signed_in(*, why: str) -> Identity | None:
    """Return the visitor's identity, or draw the way to sign in."""
    who = visitor()
    if who != ANYONE:
        _who(who)
        return who
    st.write(why)
    if not has_oidc():
        _with_token()
        st.caption(plain(f"No token yet? {site().ask_for_a_token}"))
        return None
    if st.button("Sign in", type="primary"):
        st.login()
    with st.expander("Sign in with a token"):
        _with_token()
    return None


def _who(who: Identity) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        roles = ", ".join(sorted(who.roles)) or "no role"
        st.caption(f"Signed in as {plain(who.name)} ({roles}).", width="content")
        if st.button("Sign out", type="tertiary"):
            sign_out()
            if has_oidc() and st.user.is_logged_in:
                st.logout()  # goes to another address; to draw the page anew would hinder it
            else:
                st.rerun()


def _with_token() -> None:
    with st.form("sign-in", width=520):
        secret = st.text_input(
            "Token",
            type="password",
            max_chars=200,
            autocomplete="current-password",
            help="It says who submits. The operator of this leaderboard issues tokens.",
        )
        if st.form_submit_button("Sign in with the token") and secret:
            try:
                ticket = sign_in(secret)
            except RefusedError as refused:
                st.error(refused.detail)
                return
            if st.context.url is None:
                st.rerun()
            links.redirect(links.sign_in_address(ticket))
