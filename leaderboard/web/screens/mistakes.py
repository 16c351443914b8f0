"""The mistakes of a submission: which class it takes for which, and on which images."""

import streamlit as st

from dgbench.standings.number_format import percent
from dgbench.submission.scoring.card import ScoreCard
from leaderboard.board.confusion import DomainErrors, confusion_frame, errors_of
from leaderboard.records import Submission
from leaderboard.web import charts, choices
from leaderboard.web.scope import spec_of
from leaderboard.web.screens.gallery import gallery
from leaderboard.web.session import ink, service
from leaderboard.web.submission_frames import in_order, telling_domain


def mistakes(submission: Submission) -> None:
    """Draw the confusion and the hardest images of a domain."""
    if submission.state != "shown":
        st.info("Its predictions are no longer shown.")
        return
    card = ScoreCard.model_validate_json(submission.score_card)
    domains = in_order(card, spec_of(card.benchmark))
    domain = choices.asked_and_chosen(
        "Test domain",
        {name: name for name in domains},
        parameter="domain",
        usual=telling_domain(domains, spec_of(card.benchmark)),
        width=320,
        hint="At first the one in which only a hidden pattern says the class.",
    )
    errors = _errors(submission.id, domain)
    st.caption(
        f"Accuracy {percent(card.accuracy[domain])}; most seeds are wrong on "
        f"{errors.n_wrong:,} of {card.n_images[domain]:,} images."
    )
    _confusion(errors)
    st.subheader("Images that most seeds get wrong")
    if not errors.hardest:
        st.caption("There is none.")
        return
    st.caption("Under each: its label, then the class that it is taken for most often.")
    gallery(submission.row.benchmark, domain, errors.hardest, said=errors.answers)


def _confusion(errors: DomainErrors) -> None:
    st.subheader("Which class it takes for which")
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
def _errors(identifier: str, domain: str) -> DomainErrors:
    return errors_of(service().bundle(identifier), domain)
