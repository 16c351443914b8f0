"""The parts of a submission's page, drawn one at a time."""

import json
from collections.abc import Callable, Mapping

import pandas as pd
import streamlit as st

from leaderboard.entries import Submission
from leaderboard.markdown import is_safe_link, plain, restricted
from leaderboard.wording import LEVEL_NAMES, LEVELS


def claims(found: Submission) -> None:
    """What the submitter declared: how it was trained, selected, and what it took."""
    manifest = json.loads(found.manifest)
    if manifest.get("description"):
        st.write(plain(manifest["description"]))
    for name, title in (("paper_url", "Paper"), ("code_url", "Code")):
        address = str(manifest.get(name) or "")
        if is_safe_link(address):
            st.markdown(f"{title}: [{plain(address)}](<{address}>)")
    if found.model_card:
        st.subheader("Model card")
        st.markdown(restricted(found.model_card))
    st.subheader("Manifest")
    st.caption("Declared by the submitter; nothing in it is ranked.")
    st.json(manifest, expanded=1)


def trust(found: Submission) -> None:
    """How far the numbers were checked, by whom, and what happened to the submission."""
    st.markdown(f"**{LEVEL_NAMES[found.row.verification]}**. {LEVELS[found.row.verification]}")
    for record in found.verifications:
        outcome = "passed" if record.passed else "failed"
        with st.expander(f"{plain(record.level)}: {outcome}, {plain(record.at[:10])}"):
            st.caption(f"Signed by {plain(record.verifier)}.")
            st.json(record.document, expanded=2)
    st.subheader("History")
    rows = [
        {"Time (UTC)": event.at.replace("T", " ")[:19], "Who": event.actor, "What": event.action}
        for event in found.history
    ]
    st.dataframe(pd.DataFrame(rows, columns=["Time (UTC)", "Who", "What"]), hide_index=True)
    st.caption("SHA-256 of the bundle as it was received:")
    st.code(found.bundle_digest, language=None, wrap_lines=True)


PARTS: Mapping[str, Callable[[Submission], None]] = {"Claims": claims, "Trust": trust}
