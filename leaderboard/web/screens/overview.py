"""The first page: all methods on all benchmarks of the suite."""

import streamlit as st

from dgbench.lists.suite import Suite
from dgbench.standings.words import HPS
from leaderboard.export.feed import FEED
from leaderboard.records.across import SuiteStanding
from leaderboard.web import choices, html_view, links, overview_html
from leaderboard.web.benchmark_lists import installed_suites
from leaderboard.web.markdown import plain
from leaderboard.web.overview_html import BY_NAME, OVERALL, Order
from leaderboard.web.scope import Scope
from leaderboard.web.screens.empty_store import empty_store
from leaderboard.web.screens.filling_notice import filling_notice
from leaderboard.web.session import service

ORDER, REVERSED = "by", "reversed"
"""Names of the order in the address, and of whether it is the other way round."""


def page() -> None:
    """Draw the overview, or how to fill the store."""
    st.title("Which methods find hidden patterns?")
    is_filling = filling_notice()
    if not service().benchmarks():
        if not is_filling:
            empty_store()
        return
    suite = _suite()
    standing = service().overview(suite)
    st.markdown(_summary(standing, suite))
    html_view.show(
        overview_html.overview(
            standing, title=f"Methods on the suite {suite.id}", order=_order(suite)
        ),
        key="overview",
        on_sort=_sort_by,
    )
    st.caption(
        f"{HPS.help} A small number is the tier on that benchmark: 1 holds the best and what was "
        "not shown to be worse. In italics: gave up the task, not ranked. Hatched: not run. A name "
        "opens the method's profile, a number its board, and the head of a column sorts by it."
        + _left_out(standing)
    )
    _others(suite)
    st.markdown(f"New entries of all benchmarks: [Atom feed](<{links.site()}{FEED}>).")


def _order(suite: Suite) -> Order:
    """Read the order of the rows from the address."""
    words = (OVERALL, BY_NAME, *suite.members)
    by = choices.asked(ORDER, words, usual=OVERALL)
    way = choices.asked(REVERSED, (choices.OFF, choices.ON), usual=choices.OFF)
    return Order(by, way == choices.ON)


def _sort_by(by: str) -> None:
    """Order the rows by a column, in a callback: first the best, then the worst."""
    is_again = st.query_params.get(ORDER, OVERALL) == by
    is_reversed = is_again and st.query_params.get(REVERSED) != choices.ON
    choices.put_all({ORDER: by, REVERSED: choices.ON if is_reversed else choices.OFF})


def _suite() -> Suite:
    """Draw the choice of a suite where there are several."""
    by_id = installed_suites()
    options = {name: name for name in by_id}
    usual = list(by_id)[-1]
    chosen = choices.asked("suite", options, usual=usual)
    if len(options) > 1:
        chosen = choices.choose("Suite", options, parameter="suite", value=chosen)
    return by_id[chosen]


def _summary(standing: SuiteStanding, suite: Suite) -> str:
    """Say who is best overall, or how far the suite is filled."""
    rows = [row for row in standing.overview.rows if not row.is_yardstick]
    complete = [row for row in rows if row.overall is not None]
    n = len(suite.members)
    head = f"**{len(rows):,} method{'' if len(rows) == 1 else 's'}** on the suite {plain(suite.id)}"
    if not complete:
        return f"{head}. None was run on all {n} benchmarks yet, so none has an overall score."
    head = f"{head}, {len(complete):,} of them on all {n} benchmarks"
    best = complete[0]
    mean = best.overall.estimate if best.overall else 0
    score = f"**{plain(best.name)}** with a mean HPS of {mean:.2f}"
    # The only one that was run everywhere is the best of nothing.
    return f"{head}: {score}." if len(complete) == 1 else f"{head}. Best overall: {score}."


def _left_out(standing: SuiteStanding) -> str:
    n_methods = sum(not row.is_yardstick for row in standing.overview.rows)
    most = overview_html.MOST
    return f" These are the first {most} methods; boards have all." if n_methods > most else ""


def _others(suite: Suite) -> None:
    """Lead to the boards of benchmarks that are in no suite."""
    members = set(suite.members)
    names = sorted({group.benchmark for group in service().benchmarks()} - members)
    if names:
        st.subheader("Other benchmarks with entries")
        with st.container(horizontal=True):
            for name in names:
                links.link("leaderboard", name, scope=Scope(benchmark=name))
