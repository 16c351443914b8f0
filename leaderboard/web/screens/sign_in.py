"""Signing in."""

import streamlit as st

from leaderboard.records import ANYONE, Identity, RefusedError
from leaderboard.web.markdown import plain
from leaderboard.web.session import has_oidc, sign_in, sign_out, visitor


def signed_in(*, why: str) -> Identity | None:
    """Return the visitor's identity, or draw the way to sign in."""
    who = visitor()
    if who != ANYONE:
        with st.container(horizontal=True, vertical_alignment="center"):
            roles = ", ".join(sorted(who.roles)) or "no role"
            st.caption(f"Signed in as {plain(who.name)} ({roles}).", width="content")
            if st.button("Sign out", type="tertiary"):
                sign_out()
                if has_oidc() and st.user.is_logged_in:
                    st.logout()  # goes to another address; to draw the page anew would hinder it
                else:
                    st.rerun()
        return who
    st.write(why)
    if has_oidc() and st.button("Sign in"):
        st.login()
    with st.form("sign-in", width=520):
        secret = st.text_input(
            "Token",
            type="password",
            max_chars=200,
            autocomplete="current-password",
            help="The operator of this leaderboard issues tokens: "
            "`dgbench leaderboard token issue NAME`.",
        )
        if st.form_submit_button("Sign in with the token") and secret:
            try:
                sign_in(secret)
            except RefusedError as refused:
                st.error(refused.detail)
            else:
                st.rerun()
    return None
