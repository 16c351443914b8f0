"""The comparison of two to six submissions on the same images."""

from collections.abc import Mapping, Sequence

import streamlit as st

from dgbench.standings.number_format import digits, percent
from dgbench.standings.words import PAIRED_TEST
from leaderboard.board.compare import FEWEST, MOST
from leaderboard.columns import every_score
from leaderboard.records import (
    Comparison,
    DomainComparison,
    PairDifference,
    Query,
    RefusedError,
    Row,
)
from leaderboard.web import charts, choices, links, notices, submission_frames
from leaderboard.web.markdown import plain
from leaderboard.web.scope import BENCHMARK, Scope, benchmarks_of, quoted, spec_of
from leaderboard.web.screens.gallery import gallery
from leaderboard.web.session import ink, service

MOST_IMAGES = 24


def page() -> None:
    """Draw the choice of submissions, and the comparison that the address names."""
    st.title("Compare")
    groups = service().benchmarks()
    if not groups:
        st.info("There is nothing to compare yet: no submission was made.")
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
    asked = st.query_params.get_all("id")
    rows = _choices(scope.benchmark, asked)
    names = submission_frames.names_of(rows)
    st.session_state["id"] = [identifier for identifier in asked if identifier in names][:MOST]
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
    _differences(comparison, names)
    _scores(comparison, names)
    _domains(comparison, names)


def _choices(benchmark: str, asked: Sequence[str]) -> list[Row]:
    """Read the rows of a benchmark, and list the selected submissions that are not among them."""
    rows = list(service().rows(Query(benchmark=benchmark, selection=None)))
    listed = {row.submission_id for row in rows}
    for identifier in dict.fromkeys(asked):
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
    if len(asked) > MOST:
        notices.warn(f"The address names {len(asked)} submissions. The first {MOST} are compared.")
    return rows


def _start_anew(scope: Scope) -> None:
    choices.put_all({**scope.parameters, "id": []})


def _differences(comparison: Comparison, names: Mapping[str, str]) -> None:
    st.header("Differences of the score")
    st.caption(
        "Paired: both saw the same test images, so what is hard for both falls out. Left of the "
        "line the second is better, right of it the first."
    )
    table = submission_frames.differences(comparison, names)
    if table.empty:
        st.info("Too few seeds for an interval.")
        return
    st.altair_chart(charts.paired(table))
    for pair in comparison.pairs[:1] if len(comparison.pairs) == 1 else ():
        st.markdown(f"**{_sentence(pair, names)}** (p = {pair.p_value:.2g}).")
    placed = "; ".join(f"{names[row.submission_id]}: {_place(row)}" for row in comparison.rows)
    st.caption(f"{PAIRED_TEST} On the leaderboard: {plain(placed)}.")
    if len(comparison.pairs) > 1:
        st.dataframe(
            submission_frames.verdicts(comparison, names),
            hide_index=True,
            height="content",
        )


def _scores(comparison: Comparison, names: Mapping[str, str]) -> None:
    st.header("Score by score")
    scores = every_score(spec_of(comparison.benchmark))
    table = submission_frames.score_by_score(comparison.rows, names, scores)
    st.dataframe(table, hide_index=True, height="content")


def _sentence(pair: PairDifference, names: Mapping[str, str]) -> str:
    first, second = plain(names[pair.first]), plain(names[pair.second])
    if pair.verdict == "not shown different":
        return f"{first} and {second} are not shown different"
    return f"{first} is {pair.verdict} than {second} by {digits(3)(abs(pair.difference))}"


def _place(row: Row) -> str:
    if row.tier is None:
        return f"not ranked ({row.standing})"
    return f"tier {row.tier}{', unstable' if row.is_unstable else ''}"


def _domains(comparison: Comparison, names: Mapping[str, str]) -> None:
    st.header("Domain by domain")
    table = submission_frames.accuracies(comparison, names)
    formats = {names[row.submission_id]: percent for row in comparison.rows}
    st.dataframe(
        table.style.format({**formats, "Differ on": "{:,}", "Images": "{:,}"}),
        hide_index=True,
        height="content" if len(table) <= 16 else 600,
        column_config={
            "Differ on": st.column_config.NumberColumn(
                help="Images that most seeds of one get right and most seeds of another do not."
            )
        },
    )
    by_name = {domain.domain: domain for domain in comparison.domains}
    telling = submission_frames.telling_domain(list(by_name), spec_of(comparison.benchmark))
    domain = choices.asked_and_chosen(
        "Test domain",
        {name: name for name in by_name},
        parameter="domain",
        usual=telling,
        width=320,
    )
    _one_domain(comparison, by_name[domain], names)


def _one_domain(comparison: Comparison, domain: DomainComparison, names: Mapping[str, str]) -> None:
    st.subheader("Do they make the same errors?")
    st.caption("Of the images that either gets wrong, the share that both get wrong.")
    st.altair_chart(
        charts.heat(
            submission_frames.overlap(domain, names),
            x="second",
            y="first",
            value="overlap",
            titles=("", "", "overlap of errors"),
            step=110,
            ink=ink(),
        ),
        width="content",
    )
    st.subheader("Images on which they differ")
    if not domain.differing:
        st.caption("There is none.")
        return
    n_shown = min(MOST_IMAGES, len(domain.differing))
    st.caption(f"The first {n_shown} of {domain.n_differing:,}.")
    gallery(comparison.benchmark, domain.domain, domain.differing[:MOST_IMAGES])
    with st.container(horizontal=True):
        for row in comparison.rows:
            links.link("submission", f"Open {names[row.submission_id]}", id=row.submission_id)
