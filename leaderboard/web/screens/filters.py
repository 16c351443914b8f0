"""The filters of the table and its order, which are drawn behind one button."""

from collections.abc import Mapping
from typing import NamedTuple, get_args

import streamlit as st

from dgbench.standings.words import LEVEL_NAMES, LEVELS, STANDINGS, bullets
from leaderboard.records import Query, Standing, Verification
from leaderboard.web.screens import as_of

ALL, ANY = "all", "any"
ORDER, REVERSED = "sort", "reversed"
"""Names of the order in the address, and of whether it is the other way round."""


class Filters(NamedTuple):
    """The filters of the table, and its order, as fields of a query."""

    verification: Verification | None
    standing: Standing | None
    max_parameters: int | None
    max_seconds: float | None
    min_retention: float | None
    since_year: int | None
    sort: str
    descending: bool


LIMITS: Mapping[str, Mapping[str, float]] = {
    "params": {"100 k": 100_000, "1 M": 1_000_000, "10 M": 10_000_000, "100 M": 100_000_000},
    "training": {"1 min": 60, "5 min": 300, "1 h": 3600, "1 day": 86_400},
    "retained": {"0.95": 0.95, "0.98": 0.98, "1.00": 1.0},
    "since": {str(year): year for year in range(2015, 2027)},
}
"""The limits that a reader can choose, by the name of the parameter in the address."""
_LIMIT_TITLES = {
    "params": ("Parameters, at most", "Of the trained model, as declared."),
    "training": ("Training of a seed, at most", "As declared, on hardware of the submitter's."),
    "retained": ("ID retention R, at least", "How much of the ordinary accuracy it keeps."),
    "since": ("Paper of, or after", "The year of the method's publication."),
}


def filters(named: Mapping[str, str]) -> Filters:
    """Draw the filters, and the order among those that the benchmark's rows can have."""
    with st.popover("Filters and order"):
        levels: dict[str, Verification] = {name: level for level, name in LEVEL_NAMES.items()}
        level = st.selectbox(
            "Checked",
            [ALL, *levels],
            key="checked",
            bind="query-params",
            help=f"How far the numbers were checked.\n\n{bullets(LEVELS)}",
        )
        standings: tuple[Standing, ...] = get_args(Standing)
        standing = st.selectbox(
            "Standing",
            [ALL, *standings],
            key="standing",
            bind="query-params",
            help=f"Whether it is ranked.\n\n{bullets(STANDINGS)}",
        )
        limits = {name: _limit(name) for name in LIMITS}
        as_of.day_input()
        order = st.selectbox(
            "Order",
            list(named.values()),
            key=ORDER,
            bind="query-params",
            help="Of all rows. A click on the head of a column does the same.",
        )
        is_reversed = st.toggle("Worst first", key=REVERSED, bind="query-params")
    return Filters(
        levels.get(str(level)),
        next((name for name in standings if name == standing), None),
        None if limits["params"] is None else int(limits["params"]),
        limits["training"],
        limits["retained"],
        None if limits["since"] is None else int(limits["since"]),
        next((sort for sort, name in named.items() if name == order), "rank"),
        is_reversed,
    )


def _limit(name: str) -> float | None:
    title, explanation = _LIMIT_TITLES[name]
    chosen = st.selectbox(
        title, [ANY, *LIMITS[name]], key=name, bind="query-params", help=explanation
    )
    return LIMITS[name].get(str(chosen))


def sort_by(order: str, named: Mapping[str, str]) -> None:
    """Order the rows by a column, in a callback: first the best, then the worst."""
    is_again = st.session_state.get(ORDER, named["rank"]) == named[order]
    st.session_state[REVERSED] = is_again and not st.session_state.get(REVERSED)
    st.session_state[ORDER] = named[order]


def in_address(query: Query) -> dict[str, str]:
    """Return the filters of a query as the address names them."""
    values = {
        "params": query.max_parameters,
        "training": query.max_seconds,
        "retained": query.min_retention,
        "since": query.since_year,
    }
    limits = {
        name: next((text for text, limit in LIMITS[name].items() if limit == value), "")
        for name, value in values.items()
    }
    return {
        "checked": LEVEL_NAMES[query.verification] if query.verification else "",
        "standing": query.standing or "",
        REVERSED: "true" if query.descending else "",
        **limits,
    }
