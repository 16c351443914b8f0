"""The notice that reference results are coming in, which follows them as long as they do."""

import streamlit as st

from leaderboard import clock
from leaderboard.records import Filling
from leaderboard.web.session import service

_EVERY_SECONDS = 2
_SILENCE_DAYS = 2 / 1440
"""After so long without a step, nobody is at work any more."""


def filling_notice() -> bool:
    """Draw how far the import is, if one is at work. Returns whether it is."""
    if _at_work() is None:
        return False
    _follow(service().revision())
    return True


@st.fragment(run_every=_EVERY_SECONDS)
def _follow(drawn: int) -> None:
    """Draw the whole page anew whenever it would show more than the revision that is drawn."""
    filling = _at_work()
    if filling is None or service().revision() != drawn:
        st.rerun()
        return
    st.progress(
        filling.n_done / max(filling.n_total, 1),
        text=f"The reference results are coming in: {filling.n_done} of {filling.n_total}. Ranks "
        "are among those that are here.",
    )


def _at_work() -> Filling | None:
    filling = service().filling()
    if filling is None or filling.is_done:
        return None
    return filling if filling.last_step_at > clock.later(clock.now(), days=-_SILENCE_DAYS) else None
