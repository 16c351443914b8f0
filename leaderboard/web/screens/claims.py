"""The submitter's declarations: training, selection, cost and environment."""

from collections.abc import Iterable
from statistics import fmean

import pandas as pd
import streamlit as st

from dgbench.standings.number_format import count, digits, duration, energy
from dgbench.standings.words import SELECTIONS
from dgbench.submission.format.manifest import Manifest
from leaderboard.records import Submission
from leaderboard.web import links, printed
from leaderboard.web.markdown import is_safe_link, plain, restricted
from leaderboard.web.session import service


def claims(submission: Submission) -> None:
    """Draw the manifest in words, the model card, the command and the download."""
    manifest = Manifest.model_validate_json(submission.manifest)
    st.caption("Declared by the submitter. None of it is ranked.")
    if manifest.description:
        st.markdown(plain(manifest.description))
    for title, address in (("Paper", manifest.paper_url), ("Code", manifest.code_url)):
        if address and is_safe_link(address):
            st.markdown(f"{title}: [{plain(address)}](<{address}>)")
    left, right = st.columns(2, gap="large")
    with left:
        st.subheader("Training and selection")
        _pairs(_training(manifest))
    with right:
        st.subheader("Cost and environment")
        _pairs(_cost(manifest))
    st.subheader("Reproduce")
    printed.show(printed.training(manifest))
    st.caption(
        f"Where `dgbench methods` does not list {plain(manifest.method.name)}, install its package "
        "first."
    )
    if submission.model_card:
        st.subheader("Model card")
        with st.container(border=True):
            st.markdown(restricted(submission.model_card))
    if submission.state == "shown":
        _download(submission)


def _training(manifest: Manifest) -> Iterable[tuple[str, str]]:
    trained, chosen = manifest.configuration, manifest.selection
    yield "Selection", f"{chosen.rule}: {SELECTIONS[chosen.rule]}"
    yield "Configurations tried", str(chosen.n_trials)
    yield "Seeds", ", ".join(str(facts.seed) for facts in manifest.seeds)
    yield "Paradigm", manifest.method.paradigm
    yield "Backbone", trained.backbone
    yield "Budget", f"{trained.steps:,} steps \u00d7 batch {trained.batch_size:,}"
    yield "Precision", trained.precision
    for name, value in trained.hyper_parameters.items():
        yield name, str(value)
    yield "Code licence", manifest.licence or "not given"
    yield "`check-method`", manifest.conformance.status


def _cost(manifest: Manifest) -> Iterable[tuple[str, str]]:
    costs = [facts.cost for facts in manifest.seeds if facts.cost is not None]
    hardware = manifest.hardware
    if costs:
        yield "Parameters", count(costs[0].parameters)
        yield "Training time per seed", duration(fmean(cost.training_seconds for cost in costs))
        speed = fmean(cost.training_images_per_second for cost in costs)
        yield "Training throughput", f"{speed:,.0f} images/s"
        yield "Peak memory", f"{max(c.peak_memory_bytes for c in costs) / 1e9:.1f} GB"
        energies = [cost.energy for cost in costs if cost.energy is not None]
        if energies:
            how = " and ".join(sorted({measured.method for measured in energies}))
            yield "Energy per seed", f"{energy(fmean(e.kwh for e in energies))}, {how}"
    yield "Device", f"{hardware.n_devices} x {hardware.device}"
    yield "CPU threads", digits(0)(hardware.cpu_threads)
    yield from manifest.packages.items()


def _pairs(pairs: Iterable[tuple[str, str]]) -> None:
    rows = [(name.strip("`"), text) for name, text in pairs]
    table = pd.DataFrame(rows, columns=["Field", "Declared"])
    st.dataframe(
        table,
        hide_index=True,
        height="content",
        column_config={"Declared": st.column_config.TextColumn(width="large")},
    )


def _download(submission: Submission) -> None:
    st.subheader("Download")
    st.download_button(
        f"Bundle with all predictions ({submission.bundle_bytes / 1e6:.1f} MB)",
        lambda: service().bundle(submission.id),
        file_name=f"{submission.row.method}-{submission.id[:8]}.dgsub",
        mime="application/zip",
        on_click="ignore",
    )
    st.caption("Score it on your machine, to the same numbers bit for bit:")
    printed.show(printed.scoring(links.site(), submission.id))
