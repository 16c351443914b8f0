"""The growth of the best score over time."""

import streamlit as st

from leaderboard.web import board_table, charts
from leaderboard.web.screens import pickers
from leaderboard.web.screens.empty_store import empty_store
from leaderboard.web.session import ink, service


def page() -> None:
    """Draw the scores over time."""
    st.title("Progress over time")
    groups = service().benchmarks()
    if not groups:
        empty_store()
        return
    query = pickers.group_of(groups)
    rows = [row for row in service().rows(query) if row.standing != "yardstick"]
    table = board_table.over_time(rows)
    if table.empty:
        st.info("Nothing here has a score yet.")
        return
    st.altair_chart(charts.best_so_far(table, title=rows[0].headline.title, ink=ink()))
    st.caption(
        "Every submission that stands, with its 95 % interval. Blue: the best when it came. A step "
        "up whose intervals overlap may be chance; Compare tests it on the same images."
    )
