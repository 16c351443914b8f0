"""The mistakes of a submission: its confusion matrix, and the images that it gets wrong."""

import streamlit as st

from dgbench.standings.number_format import percent
from dgbench.submission.scoring.card import ScoreCard
from leaderboard.board.confusion import DomainErrors, confusion_frame, errors_of
from leaderboard.records import Submission
from leaderboard.web import charts, choices
from leaderboard.web.scope import spec_of
from leaderboard.web.screens.gallery import class_choice, domain_titles, gallery
from leaderboard.web.session import ink, service
from leaderboard.web.submission_frames import in_order, telling_domain


def mistakes(submission: Submission) -> None:
    """Draw the confusion matrix and the hardest images of a domain."""
    if submission.state != "shown":
        st.info("Its predictions are no longer shown.")
        return
    card = ScoreCard.model_validate_json(submission.score_card)
    spec = spec_of(card.benchmark)
    domains = in_order(card, spec)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        domain = choices.asked_and_chosen(
            "Test domain",
            domain_titles(domains, spec),
            parameter="domain",
            usual=telling_domain(domains, spec),
            width=330,
            hint="At first the one in which only a hidden pattern says the class.",
        )
        label = class_choice(_errors(submission.id, domain).classes)
    errors = _errors(submission.id, domain, label)
    st.caption(
        f"Accuracy {percent(card.accuracy[domain])}. Most seeds are wrong on "
        f"{errors.n_wrong:,} of {card.n_images[domain]:,} images."
    )
    st.subheader("Images that most seeds get wrong")
    if errors.hardest:
        gallery(
            submission.row.benchmark, domain, errors.hardest, said={"predicted": errors.answers}
        )
    else:
        st.info("No such images.")
    _confusion(errors)


def _confusion(errors: DomainErrors) -> None:
    st.subheader("Confusion matrix")
    st.altair_chart(
        charts.heat(
            confusion_frame(errors),
            x="said",
            y="label",
            value="share",
            titles=("prediction", "label", "share of the label"),
            step=31,
            ink=ink(),
        ),
        width="content",
    )


@st.cache_data(show_spinner="Reading the predictions", max_entries=32)
def _errors(identifier: str, domain: str, label: int | None = None) -> DomainErrors:
    return errors_of(service().bundle(identifier), domain, label=label)
