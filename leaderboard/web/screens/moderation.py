"""Flags and what to do about them. The service checks the role at every action."""

import re
from typing import get_args

import streamlit as st

from dgbench.standings.number_format import day, digits, shown
from leaderboard.moderation.changes import Action
from leaderboard.records import Flag, Identity, RefusedError, Row
from leaderboard.web import links
from leaderboard.web.markdown import plain
from leaderboard.web.screens.sign_in import signed_in
from leaderboard.web.screens.tokens import all_tokens
from leaderboard.web.session import service

_IDENTIFIER = re.compile(r"\b[a-z0-9]{32}\b")
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
    st.header("Open flags")
    flags = service().flags()
    if not flags:
        st.info("Nothing waits for a moderator.")
    for flag in flags:
        _flag(flag, who)
    st.header("Act on a submission")
    _act(who)
    st.header("Tokens")
    all_tokens(who)


def _flag(flag: Flag, who: Identity) -> None:
    """Draw a flag with both sides, and what can be done about it."""
    others = [other for other in _IDENTIFIER.findall(flag.detail) if other != flag.submission_id]
    sides = {side: _row(side) for side in (flag.submission_id, *others)}
    detail = flag.detail
    for side, row in sides.items():
        detail = detail.replace(side, _name(side, row))
    with st.container(border=True):
        st.markdown(f"**{plain(flag.code)}**, raised {day(flag.raised_at)}. {plain(detail)}")
        for side, row in sides.items():
            _side(side, row)
        name = _name(flag.submission_id, sides[flag.submission_id])
        with st.container(horizontal=True, vertical_alignment="center"):
            if len(sides) > 1:
                links.link("compare", "Compare them", id=list(sides))
            _decide(flag, "clear-flags", "Clear the flag", who)
            _decide(flag, "hide", f"Hide {plain(name)}", who)


def _side(identifier: str, row: Row | None) -> None:
    """Draw a link to a submission, and what tells it from others."""
    with st.container(horizontal=True, vertical_alignment="center"):
        links.link("submission", plain(_name(identifier, row)), id=identifier)
        if row is not None:
            score = f"{row.headline.title} {shown(row.headline.estimate, digits(3))}"
            rank = row.standing if row.rank is None else f"rank {row.rank}"
            told = f"{row.benchmark}, {score}, {rank}, by {row.submitter}, {day(row.submitted_at)}"
            st.caption(plain(told), width="content")


def _row(identifier: str) -> Row | None:
    try:
        return service().submission(identifier).row
    except RefusedError:
        return None


def _name(identifier: str, row: Row | None) -> str:
    return identifier if row is None else row.display_name or row.method


def _decide(flag: Flag, action: Action, label: str, who: Identity) -> None:
    with st.popover(label), st.form(f"{action} {flag.id}", border=False):
        reason = st.text_input(
            "Reason, shown to everyone", max_chars=500, key=f"{action}-{flag.id}"
        )
        if st.form_submit_button(label):
            try:
                service().moderate(flag.submission_id, action, reason, who)
            except RefusedError as refused:
                st.error(plain(refused.detail))
            else:
                st.rerun()


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
        if st.form_submit_button("Apply"):
            try:
                service().moderate(identifier.strip(), action, reason, who)
            except RefusedError as refused:
                st.error(plain(refused.detail))
            else:
                st.success("Done, and entered in the audit log.")
