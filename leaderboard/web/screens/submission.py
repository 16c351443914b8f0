"""The page of one submission."""

import streamlit as st

from dgbench.standings.number_format import (
    Value,
    digits,
    duration,
    ranks,
    retention,
    shown,
    tier,
)
from dgbench.standings.words import (
    LEVEL_NAMES,
    LEVELS,
    MP,
    SELECTIONS,
    STANDINGS,
    UP,
    E,
    F,
    R,
    T,
    bullets,
    track,
    track_help,
)
from leaderboard.columns import score_columns
from leaderboard.records import RefusedError, Row, Submission
from leaderboard.web import choices, html_view, links
from leaderboard.web.markdown import plain
from leaderboard.web.scope import spec_of
from leaderboard.web.screens.submission_parts import PARTS
from leaderboard.web.session import service
from leaderboard.web.strips_html import NO_PROBES, by_pattern


def page() -> None:
    """Draw the submission that the address names."""
    identifier = str(st.query_params.get("id", ""))
    try:
        submission = service().submission(identifier)
    except RefusedError as refused:
        st.title("Submission")
        if identifier:
            st.warning(plain(refused.detail))
        st.write("Choose a method on the leaderboard to see everything about its submission.")
        links.link("leaderboard", "To the board")
        return
    _head(submission)
    _numbers(submission.row)
    _patterns(submission.row)
    part = choices.asked_and_chosen(
        "Part",
        {name: name for name in PARTS},
        parameter="part",
        usual=next(iter(PARTS)),
        kind="buttons",
    )
    PARTS[part](submission)


def _head(submission: Submission) -> None:
    row = submission.row
    st.title(plain(row.display_name or row.method))
    authors = f" by {plain(', '.join(row.authors))}" if row.authors else ""
    st.caption(f"{plain(row.method)} {plain(row.version)}{authors}; on {plain(row.benchmark)}")
    links.link("method", f"All submissions of {row.method}", name=row.method)
    with st.container(horizontal=True):
        st.badge(f"track {track(row.uses)}", color="gray", help=track_help(row.uses))
        st.badge(row.selection, color="gray", help=SELECTIONS[row.selection])
        st.badge(f"{row.standing}, {row.n_seeds} seeds", color="gray", help=STANDINGS[row.standing])
        st.badge(
            LEVEL_NAMES[row.verification],
            color="orange" if row.verification == "failed" else "blue",
            help=LEVELS[row.verification],
        )
    if submission.state != "shown":
        reason = f" Reason: {plain(submission.reason)}" if submission.reason else ""
        st.warning(f"This submission is {submission.state} and not ranked.{reason}")
    if submission.is_superseded_by:
        st.info("A later submission of the same method is ranked in its place.")
        links.link("submission", "Open the later one", id=submission.is_superseded_by)
    for flag in submission.flags:
        if flag.cleared_at is None:
            st.warning(f"{plain(flag.code)}: {plain(flag.detail)}")


def _numbers(row: Row) -> None:
    score, interval = score_columns(row.headline.name)
    with st.container(horizontal=True):
        _number(score.title, score.text(row), interval.pick(row))
        _number("Rank", shown(row.rank), ranks(row.rank_low, row.rank_high))
        _number("Tier", shown(tier(row.tier, is_unstable=row.is_unstable)))
        if row.against_best:
            _number("Against the best", row.against_best)
        for term, value in ((UP, row.up), (MP, row.mp)):
            if value is not None:
                _number(term.title, digits(2)(value))
        if row.retention is not None:
            _number("ID retention R", retention()(row.retention))
        if row.training_seconds is not None:
            _number("Training time per seed", duration(row.training_seconds))


def _patterns(row: Row) -> None:
    """Draw what it found of every pattern, and how far it follows each."""
    if not (row.found or row.trusted):
        return
    spec = spec_of(row.benchmark)
    names = [entry.name for entry in spec.patterns] if spec else sorted({*row.found, *row.trusted})
    hidden = spec.hidden if spec else ()
    html_view.show(
        by_pattern(row, names, hidden, title=f"Patterns that {row.method} found and trusts"),
        key="patterns",
    )
    if not row.encoded:
        st.caption(NO_PROBES)
    with st.expander("What the scores mean"):
        st.markdown(bullets({term.title: term.help for term in (F, T, E, UP, MP, R)}))


def _number(label: str, value: str, within: Value = "") -> None:
    with st.container(width=150, gap=None):
        st.metric(label, value)
        if within:
            st.caption(f"95 %: {within}")
