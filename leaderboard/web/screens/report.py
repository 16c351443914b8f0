"""The report on a bundle, before it is submitted: what `dgbench validate` says, without scores."""

from collections.abc import Iterable

import pandas as pd
import streamlit as st

from data_gen.foundation.errors import DGBenchError
from dgbench.submission.format.manifest import Manifest
from dgbench.submission.format.rejection import RejectedError
from leaderboard.intake.preview import Preview
from leaderboard.presentation.words import LEVEL_NAMES, LEVELS, SELECTIONS, STANDINGS, track
from leaderboard.web.markdown import plain, restricted


def preview(found: Preview) -> None:
    """A bundle that would be accepted."""
    manifest = found.manifest
    name = plain(manifest.display_name)
    st.success(f"**Valid.** {name} on {plain(manifest.benchmark.name)}. Nothing is stored yet.")
    if found.is_known:
        st.info("These predictions were submitted before: to submit them again changes nothing.")
    for code, detail in found.notes:
        st.warning(f"Readers will be told ({code}): {restricted(detail)}")
    st.subheader("What was checked")
    _pairs(_checks(manifest), "Checked", "Found")
    st.subheader("What will be shown")
    _pairs(_shown(found, manifest), "What", "As")
    if found.model_card:
        with st.expander("Model card"):
            st.markdown(restricted(found.model_card))
    st.caption("The scores are computed when you submit it, and are then there for everyone.")


def refusal(error: DGBenchError) -> None:
    """What is wrong, where, and what to do: the text that `dgbench validate` prints."""
    if not isinstance(error, RejectedError):
        st.error(f"Not accepted: {plain(str(error))}")
        return
    found = error.rejection
    st.error(f"**Not valid, nothing was stored** ({found.code.value}). {plain(found.message)}")
    if found.keys:
        st.markdown("Found first:")
        st.code("\n".join(map(str, found.keys)), language=None)
    # The hint is ours, and has commands in it; the message may quote the bundle.
    st.markdown(f"**What to do:** {found.code.hint}")


def _checks(manifest: Manifest) -> Iterable[tuple[str, str]]:
    """What holds of every valid bundle, with this one's numbers."""
    of, claim = manifest.benchmark, manifest.predictions
    seeds = [facts.seed for facts in manifest.seeds]
    yield "Archive and manifest", "nothing missing, nothing else in it"
    yield "Benchmark", f"{of.name}, the published spec and source"
    yield "Digests of the data", f"training data and {len(of.domains)} test domains: as published"
    yield "Seeds", f"{len(seeds)}: {', '.join(map(str, seeds))}"
    yield "Predictions", f"{claim.rows:,}: one for every seed, domain and image, each once"
    yield "Probabilities", "given, and they fit" if claim.has_probabilities else "not given"
    yield "Digest of the predictions", "as the manifest says"


def _shown(found: Preview, manifest: Manifest) -> Iterable[tuple[str, str]]:
    method, chosen = manifest.method, manifest.selection
    yield "Method", f"{method.name} {method.version}"
    yield "Name", manifest.display_name
    yield "Authors", ", ".join(manifest.authors) or "none: your name stands there"
    yield "Track", track(tuple(sorted(method.uses)))
    yield "Selection", f"{chosen.rule}: {SELECTIONS[chosen.rule]}"
    yield "Standing", f"{found.standing}: {STANDINGS[found.standing]}"
    yield "Checked", f"{LEVEL_NAMES[found.verification]}: {LEVELS[found.verification]}"
    yield "Description", manifest.description or "none"
    yield "Paper", manifest.paper_url or "none"
    yield "Code", manifest.code_url or "none"
    yield "Licence of the code", manifest.licence or "none"
    yield "Model card", f"{len(found.model_card):,} characters" if found.model_card else "none"


def _pairs(pairs: Iterable[tuple[str, str]], *heads: str) -> None:
    st.dataframe(
        pd.DataFrame(pairs, columns=list(heads)),
        hide_index=True,
        height="content",
        column_config={heads[1]: st.column_config.TextColumn(width="large")},
    )
