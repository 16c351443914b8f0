"""The filters of the table and its order, which are drawn behind one button."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple, TypeVar, get_args

import streamlit as st

from dgbench.results.facts import PARADIGMS, Paradigm
from dgbench.standings.words import LEVEL_NAMES, LEVELS, STANDINGS, bullets
from leaderboard.records import Query, Standing, Verification
from leaderboard.web import choices
from leaderboard.web.scope import ALL
from leaderboard.web.screens import as_of

Word = TypeVar("Word", bound=str)

ANY, _FIRST = "any", "rank"
ORDER, REVERSED = "sort", "reversed"
"""Names of the order in the address, and of whether it is the other way round."""


class Filters(NamedTuple):
    """The filters of the table, and its order, as fields of a query."""

    verification: Verification | None
    standing: Standing | None
    paradigm: Paradigm | None
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
    "training": ("Training of a seed, at most", "As declared, on the submitter's hardware."),
    "retained": (
        "ID retention R, at least",
        "ID retention: the accuracy in the training domain, relative to ERM.",
    ),
    "since": ("Paper of, or after", "The year of the method's publication."),
}


def filters(named: Mapping[str, str]) -> Filters:
    """Draw the filters, and the order among those that the benchmark's rows can have."""
    with st.popover("Filters and order"):
        level = _level()
        standing: Standing | None = _one_of(
            get_args(Standing),
            parameter="standing",
            hint=f"Whether it is ranked.\n\n{bullets(STANDINGS)}",
        )
        paradigm: Paradigm | None = _one_of(
            PARADIGMS,
            parameter="paradigm",
            hint="The kind of learning system that a method trains.",
        )
        limits = {name: _limit(name) for name in LIMITS}
        as_of.day_input()
        order = choices.asked_and_chosen(
            "Order",
            named,
            parameter=ORDER,
            usual=_FIRST,
            older={name: order for order, name in named.items()},
            hint="Of all rows. A click on the head of a column does the same.",
        )
        is_reversed = choices.switch("Worst first", parameter=REVERSED)
    return Filters(
        level,
        standing,
        paradigm,
        None if limits["params"] is None else int(limits["params"]),
        limits["training"],
        limits["retained"],
        None if limits["since"] is None else int(limits["since"]),
        order,
        is_reversed,
    )


def _level() -> Verification | None:
    levels: dict[str, Verification] = {level: level for level in LEVEL_NAMES}
    chosen = choices.asked_and_chosen(
        "Verification",
        {ALL: ALL} | {word: LEVEL_NAMES[level] for word, level in levels.items()},
        parameter="checked",
        usual=ALL,
        older={name: level for level, name in LEVEL_NAMES.items()} | {"re-scored": "received"},
        hint=f"How far the numbers were checked.\n\n{bullets(LEVELS)}",
    )
    return levels.get(chosen)


def _one_of(words: Sequence[Word], *, parameter: str, hint: str) -> Word | None:
    """Draw the choice of one of these words, or of all rows."""
    by_name = {str(word): word for word in words}
    chosen = choices.asked_and_chosen(
        parameter.capitalize(),
        {name: name for name in (ALL, *by_name)},
        parameter=parameter,
        usual=ALL,
        hint=hint,
    )
    return by_name.get(chosen)


def _limit(name: str) -> float | None:
    title, explanation = _LIMIT_TITLES[name]
    chosen = choices.asked_and_chosen(
        title,
        {word: word for word in (ANY, *LIMITS[name])},
        parameter=name,
        usual=ANY,
        hint=explanation,
    )
    return LIMITS[name].get(chosen)


def sort_by(order: str) -> None:
    """Order the rows by a column, in a callback: first the best, then the worst."""
    is_again = st.query_params.get(ORDER, _FIRST) == order
    is_reversed = is_again and st.query_params.get(REVERSED) != choices.ON
    choices.put_all({ORDER: order, REVERSED: choices.ON if is_reversed else choices.OFF})


def in_address(query: Query) -> dict[str, str]:
    """Return the filters of a query and its order as the address names them."""
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
        "checked": query.verification or "",
        "standing": query.standing or "",
        "paradigm": query.paradigm or "",
        ORDER: query.sort,
        REVERSED: choices.ON if query.descending else "",
        **limits,
    }
