"""The popover that says how to cite the leaderboard, and the paper that it grew from."""

from datetime import UTC, datetime

import streamlit as st

from leaderboard.export.references import PAPER, view_reference
from leaderboard.web import links


def cite() -> None:
    """Draw the two entries in BibTeX."""
    day = datetime.now(UTC).date().isoformat()
    st.markdown("The leaderboard, as it is today, and the paper that it grew from:")
    st.code(f"{view_reference(links.address('leaderboard', {}), day=day)}\n{PAPER}", language=None)
    st.caption("BibTeX of the methods in a table is below that table.")
