"""The parts of a submission's page, drawn one at a time."""

import json
from collections.abc import Callable, Mapping

import pandas as pd
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from dgbench.standings.number_format import percent
from dgbench.standings.words import LEVEL_NAMES, LEVELS
from dgbench.submission.scoring.card import ScoreCard
from leaderboard.records import Submission
from leaderboard.web import charts, html_view, links, printed, submission_frames
from leaderboard.web.domains_html import by_domain, grouped
from leaderboard.web.markdown import plain, restricted
from leaderboard.web.scope import spec_of
from leaderboard.web.screens.claims import claims
from leaderboard.web.screens.gallery import told_by_domain
from leaderboard.web.screens.mistakes import mistakes
from leaderboard.web.screens.verification import evidence


def scores(submission: Submission) -> None:
    """Draw the scorer's findings: domains by seeds, reliance, calibration."""
    card = ScoreCard.model_validate_json(submission.score_card)
    for flag in card.flags:
        st.info(f"{flag.code.replace('-', ' ').capitalize()}. {restricted(flag.detail)}")
    _accuracy(card)
    if card.reliance is not None:
        _reliance(card)
    _calibration(card)


def _accuracy(card: ScoreCard) -> None:
    """Draw the accuracy by domain and seed. Large groups of domains are drawn when opened."""
    spec = spec_of(card.benchmark)
    st.subheader("Accuracy by test domain and seed")
    for number, group in enumerate(grouped(submission_frames.in_order(card, spec))):
        place: DeltaGenerator | None = None
        if group.title:
            place = st.expander(group.title, on_change="rerun")
            if not place.open:
                continue
        title = f"Accuracy by test domain and seed{': ' if group.title else ''}{group.title}"
        with place or st.container():
            html_view.show(
                by_domain(card, group.names, told=told_by_domain(spec), title=title),
                key=f"domains-{number}",
            )


def _reliance(card: ScoreCard) -> None:
    st.subheader("Reliance: which pattern decides when they disagree")
    st.caption(
        f"Share of the predictions on the domain `conflict` that follow each pattern. Guessing "
        f"follows each with {percent(card.chance)}."
    )
    st.altair_chart(
        charts.bars(
            submission_frames.relied_on(card),
            label="pattern",
            value="share",
            title="share of predictions",
        )
    )


def _calibration(card: ScoreCard) -> None:
    st.subheader("Calibration")
    if card.calibration is None:
        st.caption("No probabilities were submitted.")
        return
    st.caption("How well the probabilities match the accuracy. Lower is better.")
    table = submission_frames.calibration(card)
    st.dataframe(
        table.style.format(dict.fromkeys(("NLL", "Brier", "ECE"), "{:.3f}")),
        hide_index=True,
        height="content" if len(table) <= 16 else 600,
        column_config={
            "NLL": st.column_config.NumberColumn(help="Mean of -log of the label's probability."),
            "Brier": st.column_config.NumberColumn(help="Mean squared distance, from 0 to 2."),
            "ECE": st.column_config.NumberColumn(help="Expected calibration error, 15 bins."),
        },
    )


def trust(submission: Submission) -> None:
    """Draw how far the numbers were checked, by whom, and what happened to the submission."""
    st.markdown(
        f"**{LEVEL_NAMES[submission.row.verification]}**. {LEVELS[submission.row.verification]}"
    )
    for record in submission.verifications:
        with st.expander(
            f"{plain(record.level)}: {plain(record.verdict)}, {plain(record.at[:10])}"
        ):
            evidence(record)
    st.markdown("Check it yourself, on your own machine:")
    printed.show(printed.verifying(links.site(), submission.id))
    st.subheader("History")
    rows = [
        {
            "Time (UTC)": event.at.replace("T", " ")[:19],
            "Who": event.actor,
            "What": event.action,
            "Entry": event.number,
        }
        for event in submission.history
    ]
    st.dataframe(
        pd.DataFrame(rows, columns=["Time (UTC)", "Who", "What", "Entry"]),
        hide_index=True,
        height="content" if len(rows) <= 16 else 600,
    )
    st.caption("SHA-256 of the bundle as received:")
    st.code(submission.bundle_digest, language=None, wrap_lines=True)
    st.caption("Score card and manifest, as JSON:")
    with st.expander("Score card"):
        st.json(submission.score_card, expanded=1)
    with st.expander("Manifest"):
        st.json(json.loads(submission.manifest), expanded=1)


PARTS: Mapping[str, Callable[[Submission], None]] = {
    "Scores": scores,
    "Mistakes": mistakes,
    "Claims": claims,
    "Trust": trust,
}
"""The parts in the order of their tabs."""
