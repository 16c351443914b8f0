"""The page of an empty store, which says how to fill it."""

import streamlit as st

EMPTY = """
The leaderboard is empty. It fills in one of two ways.

**Import the reference results**, which are dgbench's own methods at their defaults:
"""
IMPORT_COMMANDS = """\
dgbench leaderboard import --reference"""
SUBMIT_COMMANDS = """\
dgbench train my-method mnist-color --seeds 0-4
dgbench bundle runs -o my.dgsub
dgbench validate my.dgsub
dgbench submit my.dgsub"""


def empty_store() -> None:
    """Say what to do."""
    with st.container(border=True):
        st.markdown(EMPTY)
        st.code(IMPORT_COMMANDS, language=None, wrap_lines=True)
        st.markdown("**Submit a method of your own**, trained on five seeds:")
        st.code(SUBMIT_COMMANDS, language=None, wrap_lines=True)
        st.caption("Then load this page again.")
