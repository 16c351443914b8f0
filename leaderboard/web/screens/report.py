"""The report on a bundle before it is submitted, as of `dgbench validate` but without scores."""

from collections.abc import Iterable

import pandas as pd
import streamlit as st

from data_gen.foundation.errors import DGBenchError
from dgbench.standings.versions import older_version_note
from dgbench.standings.words import LEVEL_NAMES, LEVELS, SELECTIONS, STANDINGS, track
from dgbench.submission.format.manifest import Manifest
from dgbench.submission.format.rejection import RejectedError
from leaderboard.intake.preview import Preview
from leaderboard.web.markdown import plain, restricted


def preview(previewed: Preview) -> None:
    """Draw the report on a bundle that would be accepted."""
    manifest = previewed.manifest
    name = plain(manifest.display_name)
    st.success(f"**Valid.** {name} on {plain(manifest.benchmark.name)}. Nothing is stored yet.")
    if previewed.is_known:
        st.info("These predictions were submitted before. Submitting them again changes nothing.")
    if note := older_version_note(manifest.benchmark.name):
        st.warning(plain(note))
    for code, detail in previewed.notes:
        st.warning(f"Readers will be told ({code}): {restricted(detail)}")
    st.subheader("What was checked")
    _pairs(_checks(manifest), "Check", "Result")
    st.subheader("What will be shown")
    _pairs(_shown(previewed, manifest), "Field", "Value")
    if previewed.model_card:
        with st.expander("Model card"):
            st.markdown(restricted(previewed.model_card))
    st.caption("Scores are computed when you submit, and are then public.")


def refusal(error: DGBenchError) -> None:
    """Say what is wrong, where, and what to do, in the words of `dgbench validate`."""
    if not isinstance(error, RejectedError):
        st.error(f"Not accepted: {plain(str(error))}")
        return
    rejection = error.rejection
    st.error(
        f"**Not valid, nothing was stored** ({rejection.code.value}). {plain(rejection.message)}"
    )
    if rejection.keys:
        st.markdown("First found at:")
        st.code("\n".join(map(str, rejection.keys)), language=None)
    # The hint is ours, and has commands in it; the message may quote the bundle.
    st.markdown(f"**What to do:** {rejection.code.hint}")


def _checks(manifest: Manifest) -> Iterable[tuple[str, str]]:
    """List what was checked, which holds for every valid bundle, with this one's numbers."""
    benchmark, claim = manifest.benchmark, manifest.predictions
    seeds = [facts.seed for facts in manifest.seeds]
    yield "Archive and manifest", "complete, no extra files"
    yield "Benchmark", f"{benchmark.name}, the published spec and source"
    yield (
        "Digests of the data",
        f"training data and {len(benchmark.domains)} test domains: as published",
    )
    yield "Seeds", f"{len(seeds)}: {', '.join(map(str, seeds))}"
    yield "Predictions", f"{claim.rows:,}, exactly one for every seed, domain and image"
    yield "Probabilities", "given and consistent" if claim.has_probabilities else "not given"
    yield "Digest of the predictions", "as the manifest says"


def _shown(previewed: Preview, manifest: Manifest) -> Iterable[tuple[str, str]]:
    method, chosen = manifest.method, manifest.selection
    yield "Method", f"{method.name} {method.version}"
    yield "Name", manifest.display_name
    yield "Authors", ", ".join(manifest.authors) or "none, so your name is shown"
    yield "Track", track(tuple(sorted(method.uses)))
    yield "Selection", f"{chosen.rule}: {SELECTIONS[chosen.rule]}"
    yield "Standing", f"{previewed.standing}: {STANDINGS[previewed.standing]}"
    yield "Verification", f"{LEVEL_NAMES[previewed.verification]}: {LEVELS[previewed.verification]}"
    yield "Description", manifest.description or "none"
    yield "Paper", manifest.paper_url or "none"
    yield "Code", manifest.code_url or "none"
    yield "Code licence", manifest.licence or "none"
    yield (
        "Model card",
        f"{len(previewed.model_card):,} characters" if previewed.model_card else "none",
    )


def _pairs(pairs: Iterable[tuple[str, str]], *heads: str) -> None:
    st.dataframe(
        pd.DataFrame(pairs, columns=list(heads)),
        hide_index=True,
        height="content",
        column_config={heads[1]: st.column_config.TextColumn(width="large")},
    )
