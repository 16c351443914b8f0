"""Links between the pages, and addresses to copy."""

from collections.abc import Mapping, Sequence
from urllib.parse import parse_qs, urlencode

import streamlit as st
from streamlit.navigation.page import StreamlitPage

_PAGES, _HERE, _WISH = "dgbench_pages", "dgbench_here", "dgbench_wish"


def keep(pages: Mapping[str, StreamlitPage], here: StreamlitPage) -> None:
    """Remember this visitor's pages by name, and the one that is shown."""
    st.session_state[_PAGES] = dict(pages)
    st.session_state[_HERE] = here.url_path


def wish(name: str, /, **query: str) -> None:
    """Ask for another page from a callback, which cannot switch pages itself."""
    st.session_state[_WISH] = (name, query)


def grant() -> None:
    """Show the page that a callback asked for, if one did."""
    asked = st.session_state.pop(_WISH, None)
    if asked is not None:
        name, query = asked
        st.switch_page(st.session_state[_PAGES][name], query_params=query)


def go(target: str) -> None:
    """Show the page of a path with its query, if there is such a page."""
    path, _, asked = target.partition("?")
    pages = {page.url_path: page for page in st.session_state[_PAGES].values()}
    if path in pages:
        query = {
            name: values if len(values) > 1 else values[0]
            for name, values in parse_qs(asked).items()
        }
        st.switch_page(pages[path], query_params=query)


def link(name: str, label: str, /, **query: str | Sequence[str]) -> None:
    """Draw a link to another page. `label` is a name of ours or escaped text."""
    st.page_link(
        st.session_state[_PAGES][name],
        label=label,
        query_params=query,
        icon=":material/arrow_forward:",
    )


def address(name: str, /, **query: str | Sequence[str]) -> str:
    """Return the whole address of a page, as this visitor reaches it, to copy."""
    shown = (st.context.url or "").partition("?")[0].rstrip("/")
    base = shown.removesuffix(f"/{st.session_state[_HERE]}").rstrip("/")
    path = st.session_state[_PAGES][name].url_path
    asked = urlencode(query, doseq=True)
    return f"{base}/{path}" + (f"?{asked}" if asked else "")
