"""Rows that tests make up."""

from dataclasses import replace
from typing import Any

from leaderboard.records import Row

ROW = Row(
    submission_id="a" * 32,
    rank=1,
    rank_low=1,
    rank_high=2,
    method="prcl",
    display_name="PRCL",
    version="0.1.0",
    authors=("A. Author", "B. Author"),
    benchmark="mnist-color@1",
    uses=(),
    selection="fixed",
    n_seeds=5,
    standing="full",
    hps=0.6213,
    hps_low=0.5,
    hps_high=0.7412,
    mps=0.74,
    retention=0.97,
    pattern_found={"shape": 0.6213, "color": 0.12},
    accuracy=0.53,
    worst_domain="up.color",
    worst_accuracy=0.41,
    parameters=107_000,
    training_seconds=62.0,
    energy_kwh=None,
    verification="received",
    submitted_at="2026-11-24T20:00:00Z",
    submitter="alice",
    attempts=1,
    flags=(),
)


def row(**changes: Any) -> Row:
    """A row like PRCL's, with some fields changed."""
    return replace(ROW, **changes)
