"""What a visitor of an empty store sees: how to fill it."""

import streamlit as st

from leaderboard.wording import EMPTY, IMPORT_COMMAND, SUBMIT_COMMANDS


def empty_store() -> None:
    """Say what to do."""
    with st.container(border=True):
        st.markdown(EMPTY)
        st.code(IMPORT_COMMAND, language="sh")
        st.markdown("**Submit a method of your own**, trained on five seeds:")
        st.code(SUBMIT_COMMANDS, language="sh")
        st.caption("Then load this page again.")
