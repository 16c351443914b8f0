"""The images on which compared submissions differ, with what each of them said."""

from collections.abc import Mapping, Sequence

import streamlit as st

from dgbench.standings.number_format import percent
from leaderboard.board.said import Said, differing, said_of
from leaderboard.records import Comparison, DomainComparison
from leaderboard.web import choices, html_view, submission_frames
from leaderboard.web.compare_html import overlaps
from leaderboard.web.markdown import plain
from leaderboard.web.scope import spec_of
from leaderboard.web.screens.gallery import ANY, class_choice, domain_titles, gallery
from leaderboard.web.session import service

MOST_IMAGES = 24


def differences(comparison: Comparison, names: Mapping[str, str]) -> None:
    """Draw the accuracy by domain, and the images of one domain on which they differ."""
    st.header("Images on which they differ")
    by_name = {domain.domain: domain for domain in comparison.domains}
    spec = spec_of(comparison.benchmark)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        name = choices.asked_and_chosen(
            "Test domain",
            domain_titles(list(by_name), spec),
            parameter="domain",
            usual=submission_frames.telling_domain(list(by_name), spec),
            width=330,
        )
        said = {row.submission_id: _said(row.submission_id, name) for row in comparison.rows}
        classes = next(iter(said.values())).classes
        label = class_choice(classes)
        right = choices.asked_and_chosen(
            "Right",
            {ANY: "Any of them", **{key: f"{names[key]} is right" for key in said}},
            parameter="right",
            usual=ANY,
            width=200,
        )
    places = differing(
        said,
        label=label,
        right=None if right == ANY else right,
    )
    _agreement(by_name[name], names)
    _images(comparison.benchmark, name, places.tolist(), {names[key]: said[key] for key in said})
    with st.expander("Accuracy by test domain"):
        _accuracies(comparison, names)


def _images(benchmark: str, domain: str, places: Sequence[int], said: Mapping[str, Said]) -> None:
    """Draw the first of these images with the answers under them."""
    if not places:
        st.info("No such images.")
        return
    first = list(places[:MOST_IMAGES])
    st.caption(f"{len(first)} of {len(places):,} such images.")
    answers = {
        name: [theirs.classes[answer] for answer in theirs.answers[first]]
        for name, theirs in said.items()
    }
    gallery(benchmark, domain, first, said=answers)


def _agreement(domain: DomainComparison, names: Mapping[str, str]) -> None:
    """Say how many errors are common: in a sentence for two, in a table for more."""
    identifiers = list(domain.overlap)
    if len(identifiers) > 2:
        st.caption("Of the images that either of two gets wrong, the share that both get wrong:")
        html_view.show(overlaps(domain.domain, domain.overlap, names), key="overlaps")
        return
    first, second = identifiers
    share = domain.overlap[first][second]
    accuracy = ", ".join(f"{names[name]} {percent(domain.accuracy[name])}" for name in identifiers)
    st.caption(
        f"Accuracy: {plain(accuracy)}. They differ on {domain.n_differing:,} of "
        f"{domain.n_images:,} images. Of those that either gets wrong, both get {percent(share)} "
        "wrong. The answer of most seeds counts."
    )


def _accuracies(comparison: Comparison, names: Mapping[str, str]) -> None:
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


@st.cache_data(show_spinner="Reading the predictions", max_entries=48)
def _said(identifier: str, domain: str) -> Said:
    return said_of(service().bundle(identifier), domain)
