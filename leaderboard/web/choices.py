"""Choices that an address holds, each of them one step of the browser's history."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import Any, Literal

import streamlit as st

from data_gen.foundation.errors import quoted, suggestion
from leaderboard.web import notices
from leaderboard.web.scope import MOST_NAMED

Kind = Literal["list", "buttons"]
ON, OFF = "true", "false"
"""The words of an address for a switch."""


def asked(
    parameter: str,
    options: Iterable[str],
    *,
    usual: str,
    older: Mapping[str, str] | None = None,
) -> str:
    """Read a choice from the address. A sentence is shown for a value that it cannot have.

    `older` has the words that addresses of an older dgbench use.
    """
    text = st.query_params.get(parameter)
    if text is None:
        return usual
    known_words = list(options)
    word = (older or {}).get(text, text)
    if word in known_words:
        return word
    notices.warn(
        f"The address says {parameter}={quoted(text)}, which is not a choice here. "
        f"{suggestion(text, known_words, most=MOST_NAMED)} This page shows {usual!r}."
    )
    return usual


def choose(
    label: str,
    options: Mapping[str, str],
    *,
    parameter: str,
    value: str,
    kind: Kind = "list",
    chosen: Callable[[str], None] | None = None,
    hint: str | None = None,
    width: int | Literal["stretch"] = "stretch",
) -> str:
    """Draw a choice among words of an address, each with its title, and return the word.

    `chosen` is called with a new word, and by default it goes into the address.
    """
    # What the address says is drawn, also after a step back.
    st.session_state[parameter] = value
    draw = st.selectbox if kind == "list" else partial(st.radio, horizontal=True)
    word = draw(
        label,
        list(options),
        format_func=lambda word: options[word],
        key=parameter,
        on_change=_changed,
        args=(parameter, chosen or partial(put, parameter)),
        help=hint,
        width=width,
    )
    return str(word)


def asked_and_chosen(
    label: str,
    options: Mapping[str, str],
    *,
    parameter: str,
    usual: str,
    older: Mapping[str, str] | None = None,
    kind: Kind = "list",
    hint: str | None = None,
    width: int | Literal["stretch"] = "stretch",
) -> str:
    """Draw the choice that the address names."""
    value = asked(parameter, options, usual=usual, older=older)
    return choose(
        label, options, parameter=parameter, value=value, kind=kind, hint=hint, width=width
    )


def several(
    label: str, options: Sequence[str], *, parameter: str, usual: Sequence[str], hint: str
) -> list[str]:
    """Draw a choice of several words, which the address names one by one."""
    words = st.query_params.get_all(parameter)
    strange = [word for word in words if word not in options]
    if strange:
        notices.warn(
            f"The address says {parameter}={', '.join(map(quoted, strange[:3]))}, "
            "which this view does not have. It shows the others."
        )
    st.session_state[parameter] = [word for word in words if word in options] or list(usual)
    words = st.multiselect(
        label,
        options,
        key=parameter,
        on_change=_changed,
        args=(parameter, partial(put, parameter)),
        help=hint,
    )
    return list(words)


def switch(label: str, *, parameter: str) -> bool:
    """Draw a switch, which is off unless the address says that it is on."""
    value = asked(parameter, (OFF, ON), usual=OFF)
    st.session_state[parameter] = value == ON
    return st.toggle(
        label,
        key=parameter,
        on_change=_changed,
        args=(parameter, lambda is_on: put(parameter, ON if is_on else OFF)),
    )


def put(parameter: str, value: str | Sequence[str]) -> None:
    """Put a value into the address, as one step of the browser's history."""
    st.query_params[parameter] = value


def put_all(values: Mapping[str, str | Sequence[str]]) -> None:
    """Put several values into the address, as one step of the browser's history."""
    st.query_params.update(values)


def _changed(parameter: str, chosen: Callable[[Any], None]) -> None:
    chosen(st.session_state[parameter])
