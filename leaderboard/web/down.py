"""The page while the database is away: it says so, and comes back by itself."""

import logging

import streamlit as st

from leaderboard.store.failures import StoreUnavailableError
from leaderboard.web.current_service import current_service

DOWN = "Down for a moment"
DOWN_SENTENCE = (
    "The leaderboard's database does not answer. Nothing is lost, and this page comes back by "
    "itself as soon as it does."
)
_EVERY_SECONDS = 5
_log = logging.getLogger(__name__)


def page(error: StoreUnavailableError) -> None:
    """Say that the leaderboard is down, and draw the page again when it is back."""
    _log.warning("a page was not drawn: %s", error)
    _wait()


@st.fragment(run_every=_EVERY_SECONDS)
def _wait() -> None:
    try:
        current_service().revision()
    except StoreUnavailableError:
        st.header(DOWN)
        st.markdown(DOWN_SENTENCE)
    else:
        st.rerun()
