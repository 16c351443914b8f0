"""The page of an empty store: what will stand here, and how to be the first."""

from urllib.parse import urlsplit

import streamlit as st

from leaderboard.web import links, printed
from leaderboard.web.markdown import plain
from leaderboard.web.session import site

_HERE = frozenset({None, "localhost", "127.0.0.1", "::1"})


def empty_store() -> None:
    """Say what to do."""
    with st.container(border=True):
        st.markdown("**The leaderboard is empty.** Submit a method, trained on five seeds:")
        printed.show(printed.submitting(links.site(), links.scope().benchmark))
        st.caption(plain(f"The last command needs a token. {site().ask_for_a_token}"))
        if urlsplit(links.site()).hostname in _HERE:
            st.markdown(
                "On this machine you can also import the reference results, which are dgbench's "
                "own methods at their defaults:"
            )
            printed.show(printed.IMPORTING)
        st.caption("Then load this page again.")
