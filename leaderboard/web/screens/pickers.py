"""The choices above the leaderboard, all of them in the address, so that a link repeats them."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import NamedTuple

import streamlit as st

from data_gen.foundation.errors import UsageError
from data_gen.spec import Spec
from data_gen.spec_files import find_spec
from dgbench.standings.columns import Column
from dgbench.standings.versions import newer_version, older_version_note
from dgbench.standings.words import (
    SELECTIONS,
    bullets,
    track,
    track_help,
    uses_of,
)
from leaderboard.columns import columns
from leaderboard.records import Group, Query, Row
from leaderboard.web import links, orders
from leaderboard.web.screens import as_of
from leaderboard.web.screens.filters import ALL, ORDER, filters, in_address


class Asked(NamedTuple):
    """The reader's choices."""

    query: Query
    columns: list[Column[Row]]


def asked_of(groups: Sequence[Group]) -> Asked:
    """Draw all choices of the leaderboard among `groups`."""
    query = group_of(groups)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        search = _search()
        asked = filters(_named(query))
        shown = _columns(columns(spec_of(query.benchmark)), query)
    time = as_of.asked_time()
    as_of.notice(time)
    return Asked(replace(query, search=search, as_of=time, **asked._asdict()), shown)


def _named(query: Query) -> dict[str, str]:
    """Return what a reader calls the orders that a benchmark's rows can have."""
    return orders.named(columns(spec_of(query.benchmark)))


def is_empty(groups: Sequence[Group]) -> bool:
    """Tell whether there is nothing to choose from, now or at the time that the address names."""
    return not groups and not (as_of.asked_time() and _asked("benchmark", spec_of))


def group_of(groups: Sequence[Group]) -> Query:
    """Draw the choices of benchmark, track and rule of selection."""
    first, second, third = st.columns([3, 4, 3])
    with first:
        benchmark = _benchmark(groups)
    here = [group for group in groups if group.benchmark == benchmark]
    tracks = {track(group.uses): group.uses for group in sorted(here, key=_track_order)}
    tracks |= {
        name: uses for name in _asked("track", uses_of) if (uses := uses_of(name)) is not None
    }
    chosen = second.selectbox(
        "Track: methods that use",
        [*tracks, ALL],
        key="track",
        bind="query-params",
        help="What a method is given beyond labelled training images. Rows are ranked against "
        "rows of their own track only.",
    )
    with third:
        rule = _rule(here)
    if chosen in tracks:
        st.caption(track_help(tracks[chosen]))
    else:
        st.caption("Every track has a ranking of its own; they stand below each other.")
    return Query(
        benchmark=benchmark,
        uses=tracks.get(str(chosen)),
        selection=None if rule == ALL else rule,
    )


def _benchmark(groups: Sequence[Group]) -> str:
    listed = {group.benchmark for group in groups} | set(_asked("benchmark", spec_of))
    names = sorted(listed, key=lambda name: (newer_version(name) is not None, name))
    n_entries = Counter(dict.fromkeys(names, 0))
    for group in groups:
        n_entries[group.benchmark] += group.n_entries
    busiest = max(names, key=lambda name: (newer_version(name) is None, n_entries[name]))
    benchmark = st.selectbox(
        "Benchmark",
        names,
        index=names.index(busiest),
        key="benchmark",
        bind="query-params",
        help="The data that methods were trained and tested on, and its version.",
    )
    if note := older_version_note(str(benchmark)):
        st.caption(note)
    return str(benchmark)


def _rule(groups: Sequence[Group]) -> str:
    selections = {str(group.selection) for group in groups}
    selections |= set(_asked("selection", SELECTIONS.get))
    rule = st.selectbox(
        "Hyper-parameters",
        [*sorted(selections, key=list(SELECTIONS).index), ALL],
        key="selection",
        bind="query-params",
        help="How hyper-parameters were chosen. Rules are never mixed in one ranking.\n\n"
        + bullets(SELECTIONS),
    )
    return str(rule)


def _asked(key: str, meaning: Callable[[str], object]) -> list[str]:
    """Read the address's choice, which stays possible when its last row is withdrawn."""
    asked = (st.query_params.get(key), st.session_state.get(key))
    return [text for text in asked if isinstance(text, str) and meaning(text) is not None]


@lru_cache(maxsize=64)
def spec_of(benchmark: str) -> Spec | None:
    """Find the spec of a benchmark, if it was installed here when the server began."""
    try:
        return find_spec(benchmark)
    except UsageError:
        return None


def _track_order(group: Group) -> tuple[int, tuple[str, ...]]:
    return len(group.uses), group.uses


def _search() -> str:
    text = st.text_input(
        "Search",
        key="q",
        bind="query-params",
        type="search",
        placeholder="method, author or id",
        max_chars=100,
        live=True,
        width=260,
    )
    return (text or "").strip()


def _columns(every: Sequence[Column[Row]], query: Query) -> list[Column[Row]]:
    """Draw the choice of columns, and return those chosen in the table's order.

    Where rows of several rankings stand below each other, what tells them apart comes first.
    """
    usual = [column.title for column in every if column.is_default]
    with st.popover("Columns"):
        chosen = st.multiselect(
            "Columns",
            [column.title for column in every],
            default=usual,
            key="columns",
            bind="query-params",
            help="Point at the head of a column in the table to read what it means.",
        )
    apart = {"Track": query.uses is None, "Selection": query.selection is None}
    first = ["Rank", "Tier", "Method", *(title for title, is_mixed in apart.items() if is_mixed)]
    by_title = {column.title: column for column in every}
    return [
        *(by_title[title] for title in first),
        *(by_title[title] for title in by_title if title in chosen and title not in first),
    ]


def permalink(query: Query, shown: Sequence[Column[Row]], *, page: int = 1) -> str:
    """Return the address of exactly this view, with the time at which it was seen."""
    choices = {
        "benchmark": query.benchmark,
        "track": ALL if query.uses is None else track(query.uses),
        "selection": query.selection or ALL,
        "q": query.search,
        as_of.PARAMETER: as_of.latest(query.as_of),
        **in_address(query),
        ORDER: _named(query)[query.sort] if query.sort != "rank" else "",
        "page": str(page) if page > 1 else "",
        "columns": [column.title for column in shown],
    }
    given = {name: value for name, value in choices.items() if value}
    return links.address("leaderboard", **given)
