"""The profile of a method: who made it, and how it does on every benchmark."""

import streamlit as st

from dgbench.standings.words import E, F, T
from leaderboard.records import MethodHistory, RefusedError, Row
from leaderboard.web import html_view, links, profile_html
from leaderboard.web.markdown import is_safe_link, plain
from leaderboard.web.profile_html import Patterns
from leaderboard.web.scope import spec_of
from leaderboard.web.session import service
from leaderboard.web.strips_html import NO_PROBES


def page() -> None:
    """Draw the method that the address names."""
    name = str(st.query_params.get("name", ""))
    if not name:
        st.title("Method")
        st.info("Choose a method in the overview to see its profile.")
        links.link("overview", "To the overview")
        return
    try:
        history = service().method(name)
    except RefusedError as refused:
        st.title("Method")
        st.warning(plain(refused.detail))
        links.link("overview", "To the overview")
        return
    st.title(plain(name))
    if history.rows:
        _who(history.rows[-1])
    _count(history)
    if not history.rows:
        return
    html_view.show(
        profile_html.profile(
            service().profile(name), patterns=_patterns, title=f"Results of {name}"
        ),
        key="profile",
    )
    st.caption(f"{F.help} {T.help} {E.help} {NO_PROBES} Hidden patterns come first.")


def _who(row: Row) -> None:
    """Say who made the method, and where to read about it."""
    if row.display_name and row.display_name != row.method:
        st.subheader(plain(row.display_name))
    if row.paper is not None:
        who = ", ".join(row.paper.authors)
        year = str(row.paper.year or "")
        st.markdown(f"**{plain(row.paper.title)}**")
        if who or year:
            st.markdown(plain(". ".join(filter(None, (who, year)))))
    elif row.credited:
        st.markdown(plain(", ".join(row.credited)))
    shown = [
        f"[{title}](<{address}>)"
        for title, address in (("Paper", row.paper_link), ("Code", row.code_link))
        if address and is_safe_link(address)
    ]
    if shown:
        st.markdown(" · ".join(shown))


def _count(history: MethodHistory) -> None:
    more = f"; {history.withdrawn} more withdrawn or hidden" if history.withdrawn else ""
    n, n_benchmarks = len(history.rows), len({row.benchmark for row in history.rows})
    st.caption(
        f"{n} submission{'' if n == 1 else 's'} to {n_benchmarks} "
        f"benchmark{'' if n_benchmarks == 1 else 's'}{more}."
    )


def _patterns(benchmark: str) -> Patterns:
    spec = spec_of(benchmark)
    return (
        Patterns([entry.name for entry in spec.patterns], spec.hidden) if spec else Patterns((), ())
    )
