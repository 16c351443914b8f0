"""Controls that are folded on a phone, where they would fill the first screen.

The server does not know how wide a page is, so a style sheet decides: on a narrow page it shows a
switch, and hides the controls until the switch is on.
"""

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

NARROW = 640
"""Width in pixels up to which controls are folded, as in `assets/view.css`."""
_SWITCH, _CONTROLS = "fold_switch", "fold_controls"
_STYLE = f"""<style>
.st-key-{_SWITCH} {{ display: none; }}
@media (max-width: {NARROW}px) {{
  .st-key-{_SWITCH} {{ display: flex; }}
  [data-testid="stMain"]:not(:has(.st-key-{_SWITCH} input:checked)) .st-key-{_CONTROLS} {{
    display: none; }}
}}
</style>"""


def folded(label: str) -> DeltaGenerator:
    """Return the place for the controls of a page, with a switch above it on a phone."""
    st.html(_STYLE)
    with st.container(key=_SWITCH):
        st.toggle(label, key="unfolded")
    return st.container(key=_CONTROLS)
