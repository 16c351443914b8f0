"""Links between the pages. Every address holds the scope: benchmark, track and rule."""

from collections.abc import Mapping, Sequence
from urllib.parse import urlencode

import streamlit as st
from streamlit.navigation.page import StreamlitPage
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.runtime.scriptrunner import get_script_run_ctx

from leaderboard.records import RefusedError
from leaderboard.web import notices
from leaderboard.web.pages import PAGES
from leaderboard.web.scope import (
    OLDER_NAME,
    PARAMETERS,
    Reading,
    Scope,
    read,
    scope_of,
    with_older_name,
)
from leaderboard.web.session import service

_PAGES, _HERE, _READING = "dgbench_pages", "dgbench_here", "dgbench_reading"
_ID = "id"
_OF_SUBMISSIONS = [name for name, page in PAGES.items() if _ID in page.takes]
"""Pages whose addresses name submissions."""


def keep(pages: Mapping[str, StreamlitPage], here: StreamlitPage) -> None:
    """Remember this visitor's pages by name, and the one that is shown."""
    st.session_state[_PAGES] = dict(pages)
    st.session_state[_HERE] = here.url_path
    st.session_state.pop(_READING, None)


def scope() -> Scope:
    """Return the scope that the address holds."""
    return _read().scope


def tell_problems() -> None:
    """Say what the address asks for in vain, and what is shown instead."""
    reading = _read()
    for problem in reading.problems:
        shown = ", ".join(reading.scope.parameters.values())
        notices.warn(f"{problem} This page shows {shown}.")


def link(
    name: str,
    label: str,
    /,
    *,
    scope: Scope | None = None,
    icon: str | None = ":material/arrow_forward:",
    **query: str | Sequence[str],
) -> None:
    """Draw a link to another page. `label` is a name of ours or escaped text."""
    st.page_link(
        st.session_state[_PAGES][name],
        label=label,
        query_params=_asked(scope, query),
        icon=icon,
        width="content",
    )


def address(
    name: str, /, query: Mapping[str, str | Sequence[str]], *, scope: Scope | None = None
) -> str:
    """Return the whole address of a page, as this visitor reaches it, to copy."""
    path = st.session_state[_PAGES][name].url_path
    return f"{site()}/{path}?{urlencode(_asked(scope, query), doseq=True)}"


def site() -> str:
    """Return the site's own address, as this visitor reaches it, without a slash at its end."""
    shown = (st.context.url or "").partition("?")[0].rstrip("/")
    return shown.removesuffix(f"/{st.session_state[_HERE]}").rstrip("/")


def sign_in_address(ticket: str) -> str:
    """Return the address at which the server takes a ticket for a cookie, and leads back here."""
    here = f"{st.session_state[_HERE]}?{urlencode(st.query_params.to_dict())}"
    return f"{site()}/sign-in?{urlencode({'ticket': ticket, 'back': here})}"


def redirect(target: str) -> None:
    """Send the browser to an address of this site."""
    context = get_script_run_ctx()
    if context is not None:
        message = ForwardMsg()
        message.auth_redirect.url = target
        context.enqueue(message)


def _asked(
    scope: Scope | None, query: Mapping[str, str | Sequence[str]]
) -> dict[str, str | Sequence[str]]:
    chosen = scope or _read().scope
    return {**chosen.parameters, **{name: value for name, value in query.items() if value}}


def _read() -> Reading:
    """Read the address, once for all links of a page."""
    names = [
        *PARAMETERS,
        *([OLDER_NAME] if _is_here("benchmarks") else []),
        *([_ID] if _is_here(*_OF_SUBMISSIONS) else []),
    ]
    asked = {name: st.query_params[name] for name in names if name in st.query_params}
    kept = st.session_state.get(_READING)
    if kept is None or kept[0] != asked:
        kept = st.session_state[_READING] = asked, _read_anew(asked)
    reading: Reading = kept[1]
    return reading


def _read_anew(asked: Mapping[str, str]) -> Reading:
    usual = _of_submission(asked.get(_ID, ""))
    return read(with_older_name(asked), service().benchmarks(), usual=usual)


def _is_here(*names: str) -> bool:
    return st.session_state[_HERE] in [PAGES[name].path for name in names]


def _of_submission(identifier: str) -> Scope | None:
    """Return the scope of the submission that the address names, which an address may leave out."""
    if not identifier:
        return None
    try:
        return scope_of(service().submission(identifier).row)
    except RefusedError:
        return None
