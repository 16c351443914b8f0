"""The time as of which the leaderboard is shown; the address names it, to the microsecond."""

from datetime import date

import streamlit as st

from data_gen.foundation.errors import UsageError
from leaderboard import clock
from leaderboard.web.markdown import plain
from leaderboard.web.session import service

PARAMETER = "as_of"
_DAY = "as_of_day"


def asked_time() -> str | None:
    """The time that the address asks for; None for now."""
    asked = st.query_params.get(PARAMETER)
    if not asked:
        return None
    try:
        return clock.parse(asked)
    except UsageError as error:
        st.warning(f"{plain(str(error))} This is the leaderboard as it is now.")
        return None


def day_input() -> None:
    """Draw the choice of a day, which goes into the address as the end of that day."""
    at = asked_time()
    st.session_state[_DAY] = date.fromisoformat(at[:10]) if at else None
    st.date_input(
        "As of",
        value=None,
        key=_DAY,
        on_change=_go_to_the_day,
        format="YYYY-MM-DD",
        help="The leaderboard as it was at the end of that day (UTC).",
    )


def notice(at: str | None) -> None:
    """Say that the page shows the past, and offer the present; today has not ended yet."""
    if at is None or at >= clock.now():
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(
            f"As it was on {at[:10]} at {at[11:16]} UTC. Later submissions are left out.",
            width="content",
        )
        st.button("See it as it is now", type="tertiary", on_click=_go_to_now)


def latest(at: str | None) -> str:
    """The time of the newest change that a view shows: no later one can come before it."""
    newest = service().moment() or clock.now()
    return newest if at is None else min(at, newest)


def _go_to_the_day() -> None:
    chosen = st.session_state[_DAY]
    if isinstance(chosen, date):
        st.query_params[PARAMETER] = chosen.isoformat()
    else:
        _go_to_now()


def _go_to_now() -> None:
    st.query_params.pop(PARAMETER, None)
