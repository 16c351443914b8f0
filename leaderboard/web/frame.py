"""The frame of every page: the site's head with its navigation, and its foot."""

import streamlit as st

from leaderboard.records import ANYONE
from leaderboard.web import links, notices
from leaderboard.web.pages import PAGES, SENTENCE, SITE, NavigationPlace
from leaderboard.web.session import visitor

FIRST = next(iter(PAGES))
_MODERATORS = "moderation"


def head() -> None:
    """Draw the site's name, its sentence and the navigation, and keep a place for notices."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        links.link(FIRST, f"**{SITE}**", icon=":material/layers:")
        st.caption(SENTENCE)
    with st.container(horizontal=True, gap="small"):
        for name in _listed("main"):
            links.link(name, PAGES[name].title, icon=None)
        for name in _account():
            links.link(name, PAGES[name].title, icon=None)
    notices.begin()
    links.tell_problems()


def _account() -> list[str]:
    who = visitor()
    if who == ANYONE:
        return ["mine"]
    names = _listed("account")
    return [name for name in names if name != _MODERATORS or "moderator" in who.roles]


def _listed(place: NavigationPlace) -> list[str]:
    return [name for name, page in PAGES.items() if page.place == place]


def foot() -> None:
    """Draw the links that few look for."""
    st.divider()
    with st.container(horizontal=True, gap="small"):
        for name in _listed("foot"):
            links.link(name, PAGES[name].title, icon=None)
