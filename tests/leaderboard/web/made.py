"""Rows that tests make up."""

from dataclasses import replace
from typing import Any

from dgbench.standings.headline import Headline
from leaderboard.records import Row

ROW = Row(
    submission_id="a" * 32,
    rank=1,
    rank_low=1,
    rank_high=2,
    tier=1,
    is_unstable=False,
    against_best=None,
    method="prcl",
    display_name="PRCL",
    version="0.1.0",
    authors=("A. Author", "B. Author"),
    benchmark="mnist-color@1",
    uses=(),
    selection="fixed",
    n_seeds=5,
    standing="full",
    headline=Headline(name="hps", estimate=0.6213, low=0.5, high=0.7412),
    hps=0.6213,
    hps_low=0.5,
    hps_high=0.7412,
    up=0.31,
    mp=0.74,
    retention=0.97,
    found={"shape": 0.6213},
    trusted={"shape": 0.3, "color": 0.12},
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
    """A row like PRCL's, with some fields changed and the headline that follows the HPS."""
    if "hps" in changes and "headline" not in changes:
        changes["headline"] = replace(ROW.headline, estimate=changes["hps"])
    return replace(ROW, **changes)


def environments_row(**changes: Any) -> Row:
    """A row of a benchmark that is ranked by the worst environment."""
    return row(
        **{
            "benchmark": "colored-mnist@1",
            "headline": Headline(
                name="worst_environment", estimate=0.0989, low=0.0931, high=0.1049
            ),
            "hps": None,
            "hps_low": None,
            "hps_high": None,
            "up": None,
            "mp": None,
            "retention": None,
            "found": {},
            "trusted": {},
            "worst_domain": "env.e10",
            **changes,
        }
    )
