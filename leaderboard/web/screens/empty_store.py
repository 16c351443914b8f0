"""The page of an empty store, which says how to fill it."""

import streamlit as st

from leaderboard.presentation.words import EMPTY, IMPORT_COMMANDS, SUBMIT_COMMANDS


def empty_store() -> None:
    """Say what to do."""
    with st.container(border=True):
        st.markdown(EMPTY)
        st.code(IMPORT_COMMANDS, language=None, wrap_lines=True)
        st.markdown("**Submit a method of your own**, trained on five seeds:")
        st.code(SUBMIT_COMMANDS, language=None, wrap_lines=True)
        st.caption("Then load this page again.")
