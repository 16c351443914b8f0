"""Controls that are folded on a phone, where they would fill the first screen.

The server does not know how wide a page is, so the style sheet of the start page decides: on a
narrow page it shows a switch, and hides the controls until the switch is on.
"""

import streamlit as st
from streamlit.delta_generator import DeltaGenerator


def folded(label: str) -> DeltaGenerator:
    """Return the place for the controls of a page, with a switch above it on a phone."""
    with st.container(key="fold_switch"):
        st.toggle(label, key="unfolded")
    return st.container(key="fold_controls")
