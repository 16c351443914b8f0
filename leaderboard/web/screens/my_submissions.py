"""The submissions and tokens of the person who has signed in."""

import streamlit as st

from dgbench.standings.number_format import day, digits, shown
from leaderboard.records import ANYONE, Identity, RefusedError, Submission
from leaderboard.web import links
from leaderboard.web.markdown import plain
from leaderboard.web.screens.sign_in import signed_in
from leaderboard.web.screens.tokens import own_tokens
from leaderboard.web.session import service, visitor


def page() -> None:
    """Draw the submissions and tokens of the person who has signed in."""
    st.title("Sign in" if visitor() == ANYONE else "My submissions")
    who = signed_in(why="Sign in to see what you have submitted, to withdraw it, and your tokens.")
    if who is None:
        return
    submissions = service().submissions_of(who.name)
    if not submissions:
        st.info("No submissions under this name yet.")
        links.link("submit", "Submit a method")
    for submission in submissions:
        _one(submission, who)
    st.header("Tokens")
    own_tokens(who)


def _one(submission: Submission, who: Identity) -> None:
    row = submission.row
    with st.container(border=True):
        with st.container(horizontal=True, vertical_alignment="center"):
            links.link("submission", plain(row.display_name or row.method), id=submission.id)
            headline = row.headline
            score = f", {headline.title} {shown(headline.estimate, digits(3))}"
            rank = "not ranked" if row.rank is None else f"rank {row.rank}, tier {row.tier}"
            st.caption(f"{plain(row.benchmark)}, {rank}{score}, {day(row.submitted_at)}")
            st.badge(submission.state, color="green" if submission.state == "shown" else "gray")
        if submission.reason:
            st.caption(f"Reason: {plain(submission.reason)}")
        if submission.state == "shown":
            _withdraw(submission, who)


def _withdraw(submission: Submission, who: Identity) -> None:
    with st.popover("Withdraw"), st.form(f"withdraw-{submission.id}", border=False):
        st.write("It leaves the ranking for good. Its entry in the history stays.")
        reason = st.text_input("Reason, shown to everyone", max_chars=500)
        if st.form_submit_button("Withdraw it for good"):
            try:
                service().withdraw(submission.id, who, reason)
            except RefusedError as refused:
                st.error(plain(refused.detail))
            else:
                st.rerun()
