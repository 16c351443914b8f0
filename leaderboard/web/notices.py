"""Sentences about an address that asks for what is not there, above everything else on the page."""

import streamlit as st

from leaderboard.web.markdown import plain

_PLACE = "dgbench_notices"


def begin() -> None:
    """Keep a place for notices here."""
    st.session_state[_PLACE] = st.container()


def warn(sentence: str) -> None:
    """Show a sentence that may quote the address."""
    with st.session_state[_PLACE]:
        st.warning(plain(sentence))
