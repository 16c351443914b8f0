"""The frame of every page: the site's head with its navigation, and its foot."""

import streamlit as st

from leaderboard.records import ANYONE
from leaderboard.web import links, notices
from leaderboard.web.markdown import is_safe_link, plain
from leaderboard.web.pages import PAGES, SENTENCE, SITE, NavigationPlace
from leaderboard.web.screens.cite import cite
from leaderboard.web.session import site, visitor

FIRST = next(iter(PAGES))
STRIP = "domains.png"
"""The path of the site's picture, which the server has."""
_ALT = "One digit in six test domains: as in training, with the colour missing, and with another."
_MODERATORS = "moderation"


def head() -> None:
    """Draw the site's name, its sentence and the navigation, and keep a place for notices."""
    with st.container(key="site_head", horizontal=True, vertical_alignment="center", gap="medium"):
        st.markdown(f"![{_ALT}](./{STRIP})", width="content")
        links.link(FIRST, f"**{SITE}**", icon=None)
        st.caption(SENTENCE, width="content")
        _outside()
    with st.container(key="site_pages", horizontal=True, gap="small"):
        for name in _listed("main"):
            links.link(name, PAGES[name].title, icon=None)
        for name, title in _account().items():
            links.link(name, title, icon=None)
    notices.begin()
    links.tell_problems()


def foot() -> None:
    """Draw the links that few look for, and who is behind the site."""
    st.divider()
    with st.container(horizontal=True, gap="small", vertical_alignment="center"):
        for name in _listed("foot"):
            links.link(name, PAGES[name].title, icon=None)
        if site().contact:
            who = plain(site().operator or site().contact)
            st.markdown(f"Contact: [{who}](<{site().contact_link}>)", width="content")
        if site().privacy:
            with st.popover("Privacy", type="tertiary"):
                st.markdown(plain(site().privacy))


def _outside() -> None:
    """Draw the links to paper, code and documentation, and how to cite."""
    named = {"Paper": site().paper, "Code": site().code, "Docs": site().docs}
    shown = [f"[{name}](<{link}>)" for name, link in named.items() if is_safe_link(link)]
    st.markdown(" · ".join(shown), width="content")
    with st.popover("Cite", type="tertiary"):
        cite()


def _account() -> dict[str, str]:
    """List the pages of somebody who has signed in, or the way to do so."""
    who = visitor()
    names = _listed("account")
    if who == ANYONE:
        return {names[0]: "Sign in"}
    return {
        name: PAGES[name].title for name in names if name != _MODERATORS or "moderator" in who.roles
    }


def _listed(place: NavigationPlace) -> list[str]:
    return [name for name, page in PAGES.items() if page.place == place]
