"""The script that Streamlit runs: it draws what every page shares, then the requested page."""

from collections.abc import Callable, Mapping

import streamlit as st

from leaderboard.store.failures import StoreUnavailableError
from leaderboard.web import down, frame, links
from leaderboard.web.pages import PAGES, SITE
from leaderboard.web.screens import (
    benchmarks,
    compare,
    cost,
    families,
    leaderboard,
    method,
    moderation,
    my_submissions,
    overview,
    rules,
    status,
    submission,
    submit,
    timeline,
)

SCREENS: Mapping[str, Callable[[], None]] = {
    "overview": overview.page,
    "leaderboard": leaderboard.page,
    "families": families.page,
    "compare": compare.page,
    "cost": cost.page,
    "timeline": timeline.page,
    "benchmarks": benchmarks.page,
    "rules": rules.page,
    "submit": submit.page,
    "mine": my_submissions.page,
    "moderation": moderation.page,
    "status": status.page,
    "submission": submission.page,
    "method": method.page,
}
"""What draws each page of the table of pages."""


def main() -> None:
    """Draw the page that the address asks for."""
    pages = {
        name: st.Page(
            SCREENS[name],
            title=f"{facts.title} - {SITE}",
            url_path=facts.path,
            default=not facts.path,
        )
        for name, facts in PAGES.items()
    }
    st.set_page_config(layout="wide")
    here = st.navigation(list(pages.values()), position="hidden")
    links.keep(pages, here)
    try:
        frame.head()
        here.run()
        frame.foot()
    except StoreUnavailableError as error:
        down.page(error)


main()
