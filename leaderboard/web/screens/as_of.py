"""The time as of which the leaderboard is shown, which the address names to the microsecond."""

from datetime import date

import streamlit as st

from data_gen.foundation.errors import UsageError
from leaderboard import clock
from leaderboard.web import notices
from leaderboard.web.session import service

PARAMETER = "as_of"
_DAY = "as_of_day"


def asked_time() -> str | None:
    """Read the time that the address asks for, or None for now."""
    asked = st.query_params.get(PARAMETER)
    if not asked:
        return None
    try:
        return clock.parse(asked)
    except UsageError as error:
        notices.warn(f"{error} The page shows the leaderboard as it is now.")
        return None


def day_input() -> None:
    """Draw the choice of a day, which goes into the address as the end of that day."""
    time = asked_time()
    st.session_state[_DAY] = date.fromisoformat(time[:10]) if time else None
    st.date_input(
        "As of",
        value=None,
        key=_DAY,
        on_change=_go_to_the_day,
        format="YYYY-MM-DD",
        help="The leaderboard as it was at the end of that day (UTC).",
    )


def notice(time: str | None) -> None:
    """Say that the page shows the past, and offer the present. Today has not ended yet."""
    if time is None or time >= clock.now():
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(
            f"As it was on {time[:10]} at {time[11:16]} UTC. Later submissions are left out.",
            width="content",
        )
        st.button("See it as it is now", type="tertiary", on_click=_go_to_now)


def latest(time: str | None) -> str:
    """Return the time of the newest change that a view shows. Later changes come after it."""
    newest = service().moment() or clock.now()
    return newest if time is None else min(time, newest)


def _go_to_the_day() -> None:
    chosen = st.session_state[_DAY]
    if isinstance(chosen, date):
        st.query_params[PARAMETER] = chosen.isoformat()
    else:
        _go_to_now()


def _go_to_now() -> None:
    st.query_params.pop(PARAMETER, None)
