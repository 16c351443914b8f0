"""Shows HTML in a page, and hears of its heads of columns and ticks.

Streamlit draws tables on a canvas, in which there are neither links nor drawings. This is the one
place where a page has markup and a script of its own: the script is a file of this package, which
the page's policy lets in, and `leaderboard.web.tags` writes the markup.
"""

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import streamlit as st
from streamlit.components.v2 import component
from streamlit.components.v2.get_bidi_component_manager import get_bidi_component_manager
from streamlit.components.v2.manifest_scanner import ComponentConfig, ComponentManifest
from streamlit.components.v2.types import ComponentRenderer

from leaderboard.web.tags import Html

_ROOM = Path(__file__).parent
_OWNER = "dgbench"
_NAME = f"{_OWNER}.view"


class Heard(NamedTuple):
    """The choices that a reader made within the HTML."""

    ticked: tuple[str, ...]
    """Values of the boxes that are ticked."""


def show(html: Html, *, key: str, on_sort: Callable[[str], None] | None = None) -> Heard:
    """Draw HTML, and return the boxes in it that are ticked. Its links lead to other pages."""

    def heard() -> None:
        asked = st.session_state[key].get("sort")
        if asked and on_sort is not None:
            on_sort(str(asked))

    result = _view()(
        key=key,
        data={"html": str(html)},
        default={"ticked": []},
        on_ticked_change=lambda: None,
        on_sort_change=heard,
    )
    return Heard(tuple(map(str, result.ticked or ())))


def ticked(key: str) -> tuple[str, ...]:
    """Return the boxes that are ticked in HTML that will be drawn below."""
    state = st.session_state.get(key)
    return tuple(map(str, state.get("ticked") or ())) if state else ()


def untick(key: str) -> None:
    """Take all ticks away, in a callback."""
    st.session_state[key] = {"ticked": []}


def _view() -> ComponentRenderer:
    manager = get_bidi_component_manager()
    if manager.get_component_asset_root(_NAME) is None:
        listed = ComponentConfig(name="view", asset_dir="assets")
        manager.register_from_manifest(
            ComponentManifest(name=_OWNER, version="1", components=[listed]), _ROOM
        )
    return component(_NAME, html='<div class="view"></div>', css="view.css", js="view.js")
