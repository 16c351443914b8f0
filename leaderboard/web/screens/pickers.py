"""The choices above the leaderboard, all of them in the address, so that a link repeats them."""

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

import streamlit as st

from data_gen.foundation.errors import quoted
from dgbench.standings.columns import Column
from dgbench.standings.versions import older_version_note
from dgbench.standings.words import (
    SELECTIONS,
    bullets,
    track,
    track_help,
)
from leaderboard.columns import columns
from leaderboard.records import Group, Query, Row
from leaderboard.web import choices, links, notices, orders
from leaderboard.web.folding import folded
from leaderboard.web.scope import (
    ALL,
    BENCHMARK,
    SELECTION,
    TRACK,
    Scope,
    all_benchmarks,
    spec_of,
    track_word,
)
from leaderboard.web.screens import as_of, filters

_LONGEST_SEARCH = 100


class Asked(NamedTuple):
    """The reader's choices."""

    query: Query
    columns: list[Column[Row]]


def asked_of(groups: Sequence[Group]) -> Asked:
    """Draw all choices of the leaderboard among `groups`."""
    with folded("Choose benchmark, track and filters"):
        with st.container(horizontal=True, vertical_alignment="bottom"):
            query = _group_of(groups)
            search = _search()
            asked = filters.filters(orders.named(columns(spec_of(query.benchmark))))
            shown = _columns(columns(spec_of(query.benchmark)), query)
        _explain(query)
    time = as_of.asked_time()
    as_of.notice(time)
    return Asked(replace(query, search=search, as_of=time, **asked._asdict()), shown)


def is_empty(groups: Sequence[Group]) -> bool:
    """Tell whether there is nothing to choose from, now or at the time that the address names."""
    return not groups and not (as_of.asked_time() and BENCHMARK in st.query_params)


def group_of(groups: Sequence[Group]) -> Query:
    """Draw the choices of benchmark, track and rule of selection."""
    with folded("Choose benchmark and track"):
        with st.container(horizontal=True, vertical_alignment="bottom"):
            query = _group_of(groups)
        _explain(query)
        return query


def _group_of(groups: Sequence[Group]) -> Query:
    scope = links.scope()
    _benchmark(groups, scope)
    _track(groups, scope)
    _rule(groups, scope)
    return scope.query


def _explain(query: Query) -> None:
    """Say what the benchmark's version and the track mean."""
    notes = [
        older_version_note(query.benchmark),
        "Each track has its own ranking, one below the other."
        if query.uses is None
        else track_help(query.uses),
    ]
    st.caption(" ".join(filter(None, notes)))


def _benchmark(groups: Sequence[Group], scope: Scope) -> None:
    choices.choose(
        "Benchmark",
        {name: _counted(name, groups, benchmark=name) for name in all_benchmarks(groups, scope)},
        parameter=BENCHMARK,
        value=scope.benchmark,
        chosen=lambda name: choices.put_all(scope.moved_to(name, groups).parameters),
        hint="The data for training and testing, with its version.",
        width=260,
    )


def _track(groups: Sequence[Group], scope: Scope) -> None:
    tracks = {group.uses for group in groups if group.benchmark == scope.benchmark}
    if scope.uses is not None:
        tracks.add(scope.uses)
    choices.choose(
        "Track",
        {
            track_word(uses): _counted(track(uses), groups, benchmark=scope.benchmark, uses=uses)
            for uses in sorted(tracks, key=lambda uses: (len(uses), uses))
        }
        | {ALL: ALL},
        parameter=TRACK,
        value=track_word(scope.uses),
        hint="What a method is given beyond labelled training images. Rows are ranked against "
        "rows of their own track only.",
        width=240,
    )


def _counted(
    title: str, groups: Sequence[Group], *, benchmark: str, uses: tuple[str, ...] | None = None
) -> str:
    """Add how many entries there are of a benchmark, or of one of its tracks."""
    n_entries = sum(
        group.n_entries
        for group in groups
        if group.benchmark == benchmark and uses in (None, group.uses)
    )
    return f"{title} ({n_entries:,})" if n_entries else f"{title} (no entries)"


def _rule(groups: Sequence[Group], scope: Scope) -> None:
    rules = {group.selection for group in groups if group.benchmark == scope.benchmark}
    if scope.selection is not None:
        rules.add(scope.selection)
    choices.choose(
        "Hyper-parameters",
        {rule: rule for rule in [*sorted(rules, key=list(SELECTIONS).index), ALL]},
        parameter=SELECTION,
        value=scope.selection or ALL,
        hint="How hyper-parameters were chosen. Rules are never mixed in one ranking.\n\n"
        + bullets(SELECTIONS),
        width=170,
    )


def _search() -> str:
    asked = st.query_params.get("q", "")
    if len(asked) > _LONGEST_SEARCH:
        notices.warn(
            f"The address searches for {quoted(asked)}, which has {len(asked):,} characters. "
            f"This page looks for the first {_LONGEST_SEARCH}."
        )
    text = st.text_input(
        "Search",
        key="q",
        bind="query-params",
        type="search",
        placeholder="method, paper, author or id",
        max_chars=_LONGEST_SEARCH,
        live=True,
        width=230,
    )
    return (text or "").strip()


def _columns(every: Sequence[Column[Row]], query: Query) -> list[Column[Row]]:
    """Draw the choice of columns, and return those chosen in the table's order.

    Where rows of several rankings stand below each other, what tells them apart comes first.
    """
    titles = [column.title for column in every]
    usual = [column.title for column in every if column.is_default]
    with st.popover("Columns"):
        chosen = choices.several(
            "Columns",
            titles,
            parameter="columns",
            usual=usual,
            hint="Point at the head of a column in the table to read what it means.",
        )
    apart = {"Track": query.uses is None, "Selection": query.selection is None}
    first = ["Rank", "Tier", "Method", *(title for title, is_mixed in apart.items() if is_mixed)]
    by_title = {column.title: column for column in every}
    return [
        *(by_title[title] for title in first),
        *(by_title[title] for title in by_title if title in chosen and title not in first),
    ]


def permalink(query: Query, shown: Sequence[Column[Row]], *, page: int = 1) -> str:
    """Return the address of exactly this scope, with the time at which it was seen."""
    own: dict[str, str | Sequence[str]] = {
        "q": query.search,
        as_of.PARAMETER: as_of.latest(query.as_of),
        **filters.in_address(query),
        "page": str(page) if page > 1 else "",
        "columns": [column.title for column in shown],
    }
    return links.address("leaderboard", own)
