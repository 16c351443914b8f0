"""The comparison of two to six submissions on the same images."""

from collections.abc import Mapping, Sequence

import streamlit as st

from data_gen.foundation.errors import quoted
from dgbench.standings.number_format import digits, interval
from dgbench.standings.words import PAIRED_TEST, bullets
from leaderboard.board.compare import FEWEST, MOST
from leaderboard.records import Comparison, PairDifference, Query, RefusedError, Row
from leaderboard.web import choices, html_view, links, notices, submission_frames
from leaderboard.web.compare_html import compared, lines_of, place_of, tracks_of
from leaderboard.web.markdown import plain
from leaderboard.web.scope import BENCHMARK, Scope, benchmarks_of, spec_of
from leaderboard.web.screens.differences import differences
from leaderboard.web.session import service


def page() -> None:
    """Draw the choice of submissions, and the comparison that the address names."""
    st.title("Compare")
    groups = service().benchmarks()
    if not groups:
        st.info("No entries yet, so there is nothing to compare.")
        return
    scope = links.scope()
    choices.choose(
        "Benchmark",
        {name: name for name in benchmarks_of(groups, scope)},
        parameter=BENCHMARK,
        value=scope.benchmark,
        # The submissions of one benchmark are not those of another.
        chosen=lambda name: _start_anew(scope.moved_to(name, groups)),
        width=320,
    )
    asked = _asked()
    rows = _choices(scope.benchmark, asked)
    names = submission_frames.names_of(rows)
    st.session_state["id"] = [identifier for identifier in asked if identifier in names]
    chosen = st.multiselect(
        "Submissions",
        list(names),
        format_func=lambda identifier: names[identifier],
        key="id",
        on_change=lambda: choices.put("id", st.session_state["id"]),
        max_selections=MOST,
        placeholder="Choose two to six",
    )
    if len(chosen) < FEWEST:
        st.info("Choose two to six submissions of a benchmark.")
        return
    try:
        comparison = service().compare(chosen)
    except RefusedError as refused:
        st.warning(plain(refused.detail))
        return
    _scores(comparison, names)
    differences(comparison, names)


def _asked() -> list[str]:
    """Read the submissions that the address names, as many of them as can be compared."""
    asked = list(dict.fromkeys(st.query_params.get_all("id")))
    if len(asked) > MOST:
        notices.warn(f"The address names {len(asked)} submissions. The first {MOST} are compared.")
    return asked[:MOST]


def _choices(benchmark: str, asked: Sequence[str]) -> list[Row]:
    """Read the rows of a benchmark, and list the selected submissions that are not among them."""
    rows = list(service().rows(Query(benchmark=benchmark, selection=None)))
    listed = {row.submission_id for row in rows}
    for identifier in asked:
        if identifier in listed:
            continue
        try:
            row = service().submission(identifier).row
        except RefusedError:
            notices.warn(f"There is no submission {quoted(identifier)} here. It is left out.")
            continue
        if row.benchmark == benchmark:
            rows.append(row)
        else:
            notices.warn(
                f"{row.method} ({identifier[:8]}) is on {row.benchmark}, and the others on "
                f"{benchmark}. It is left out."
            )
    return rows


def _start_anew(scope: Scope) -> None:
    choices.put_all({**scope.parameters, "id": []})


def _scores(comparison: Comparison, names: Mapping[str, str]) -> None:
    if len(comparison.rows) == FEWEST:
        _verdict(comparison, names)
    rows = _base_first(comparison.rows, names)
    title = f"Scores of {', '.join(names[row.submission_id] for row in rows)}"
    lines = lines_of(comparison, spec_of(comparison.benchmark))
    html_view.show(compared(lines, rows, names, title=title), key="compared")
    with st.expander("What the scores mean"):
        st.markdown(bullets({line.title: line.help for line in lines if line.help}))
    notes = [PAIRED_TEST]
    if len(tracks_of(rows)) > 1:
        notes.append("They are in several tracks, and tiers are counted within a track.")
    if not comparison.pairs:
        notes.append("A submission of a single seed has no interval.")
    st.caption(f"Below each score and in the drawings: 95 % intervals. {' '.join(notes)}")


def _verdict(comparison: Comparison, names: Mapping[str, str]) -> None:
    """Say in a sentence which of two is better, and where both stand."""
    title = comparison.rows[0].headline.title
    places = ", ".join(f"{names[row.submission_id]} {place_of(row)}" for row in comparison.rows)
    said = "".join(f"**{plain(_sentence(pair, names, title))}** " for pair in comparison.pairs)
    st.markdown(f"{said}On the leaderboard: {plain(places)}.")


def _sentence(pair: PairDifference, names: Mapping[str, str], score: str) -> str:
    first, second = names[pair.first], names[pair.second]
    within = f"95 % interval {interval(pair.low, pair.high)}"
    if pair.verdict == "not shown different":
        lead = digits(3)(pair.difference)
        return f"No difference shown between {first} and {second}: {score} {lead} apart, {within}."
    lead = digits(3)(abs(pair.difference))
    ends = interval(*sorted((abs(pair.low), abs(pair.high))))
    return f"{first} is {pair.verdict} than {second} by {lead} {score} (95 % interval {ends})."


def _base_first(rows: Sequence[Row], names: Mapping[str, str]) -> list[Row]:
    """Let the reader choose the one that the others are compared with, and put it first."""
    label, parameter = "Compare with", "with"
    here = {row.submission_id: names[row.submission_id] for row in rows}
    base = choices.asked(parameter, here, usual=rows[0].submission_id)
    if len(rows) > FEWEST:
        base = choices.choose(label, here, parameter=parameter, value=base, width=320)
    return sorted(rows, key=lambda row: row.submission_id != base)
