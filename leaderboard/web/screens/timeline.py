"""The growth of the best score over time."""

import streamlit as st

from leaderboard.web import board_table, charts, choices
from leaderboard.web.screens import pickers
from leaderboard.web.screens.empty_store import empty_store
from leaderboard.web.session import ink, service

_PAPER, _SUBMISSION = "paper", "submission"
_TIMES = {_PAPER: "year of the paper", _SUBMISSION: "submission"}


def page() -> None:
    """Draw the scores over time."""
    st.title("Progress over time")
    groups = service().benchmarks()
    if not groups:
        empty_store()
        return
    query = pickers.group_of(groups)
    time = choices.asked_and_chosen("Time", _TIMES, parameter="time", usual=_PAPER, kind="buttons")
    rows = [row for row in service().rows(query) if row.standing != "yardstick"]
    table = board_table.over_time(rows, by_paper=time == _PAPER)
    if table.empty:
        st.info(_why_empty(len(rows), time))
        return
    st.altair_chart(
        charts.best_so_far(table, title=rows[0].headline.title, ink=ink(), by_paper=time == _PAPER)
    )
    n_without = len(rows) - len(table)
    st.caption(
        "Every submission that stands, with its 95 % interval. Blue: the best when it came. A step "
        "up whose intervals overlap may be chance; Compare tests it on the same images."
        + (f" {n_without:,} without a year or a score are left out." if n_without else "")
    )


def _why_empty(n_rows: int, time: str) -> str:
    if n_rows and time == _PAPER:
        return "No entry here names the year of a paper. Choose the time of submission."
    return "Nothing here has a score yet."
