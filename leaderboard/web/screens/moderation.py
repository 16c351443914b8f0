"""Flags and what to do about them. The service checks the role at every action."""

from typing import get_args

import streamlit as st

from dgbench.standings.number_format import day
from leaderboard.moderation.changes import Action
from leaderboard.records import Flag, Identity, RefusedError
from leaderboard.web import links
from leaderboard.web.markdown import plain
from leaderboard.web.screens.sign_in import signed_in
from leaderboard.web.screens.tokens import all_tokens
from leaderboard.web.session import service

ACTIONS: tuple[Action, ...] = get_args(Action)


def page() -> None:
    """Draw the flags that stand, and the form that acts on a submission."""
    st.title("Moderation")
    who = signed_in(why="Moderators sign in here.")
    if who is None:
        return
    if "moderator" not in who.roles:
        st.error("This page is for moderators. Ask the operator of this leaderboard for the role.")
        return
    st.header("Flags that stand")
    flags = service().flags()
    if not flags:
        st.info("Nothing waits for a moderator.")
    for flag in flags:
        _flag(flag)
    st.header("Act on a submission")
    _act(who)
    st.header("Tokens")
    all_tokens(who)


def _flag(flag: Flag) -> None:
    with st.container(border=True):
        st.markdown(f"**{plain(flag.code)}** since {day(flag.raised_at)}")
        st.markdown(plain(flag.detail))
        st.code(flag.submission_id, language=None)
        links.link("submission", "Open the submission", id=flag.submission_id)


def _act(who: Identity) -> None:
    with st.form("moderate", width=640):
        identifier = st.text_input("Id of the submission", max_chars=100)
        action = st.selectbox(
            "Action",
            ACTIONS,
            help="Hide takes it off the board, show brings it back, flag asks others to look, "
            "clear-flags takes its flags away.",
        )
        reason = st.text_input("Reason, shown to everyone", max_chars=500)
        if st.form_submit_button("Do it"):
            try:
                service().moderate(identifier.strip(), action, reason, who)
            except RefusedError as refused:
                st.error(plain(refused.detail))
            else:
                st.success("Done, and entered in the audit log.")
