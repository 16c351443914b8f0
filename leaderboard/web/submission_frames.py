"""Data frames of score cards and comparisons, made by pure functions that score nothing."""

from collections.abc import Mapping, Sequence

import pandas as pd

from data_gen.spec import Spec
from dgbench.submission.scoring.card import ScoreCard
from leaderboard.records import Comparison, Row

FOLLOWS_NONE = "none of them"
_APART = 0.04
"""The names of closer scores would overlap."""


def in_order(card: ScoreCard, spec: Spec | None) -> list[str]:
    """List the test domains in the spec's order, since canonical JSON has them by name."""
    listed = [test.name for test in spec.test_domains] if spec else []
    return [
        *(name for name in listed if name in card.correct),
        *(name for name in card.correct if name not in listed),
    ]


def telling_domain(domains: Sequence[str], spec: Spec | None) -> str:
    """Find the domain, if any, on which only a hidden pattern says the class."""
    hidden = spec.hidden if spec else ()
    telling = [f"only.{name}" for name in hidden]
    canonical = [spec.aliases.get(name, name) for name in telling] if spec else []
    return next((name for name in canonical if name in domains), domains[-1])


def relied_on(card: ScoreCard) -> pd.DataFrame:
    """Make a table of the shares of predictions on `conflict` that follow each pattern."""
    shares = dict(card.reliance or {})
    rest = max(0.0, 1 - sum(shares.values()))
    return pd.DataFrame({"pattern": [*shares, FOLLOWS_NONE], "share": [*shares.values(), rest]})


def calibration(card: ScoreCard) -> pd.DataFrame:
    """Make a table of calibration by test domain, empty without probabilities."""
    return pd.DataFrame(
        [
            {"Domain": name, "NLL": errors.nll, "Brier": errors.brier, "ECE": errors.ece}
            for name, errors in (card.calibration or {}).items()
        ],
        columns=["Domain", "NLL", "Brier", "ECE"],
    )


def names_of(rows: Sequence[Row]) -> dict[str, str]:
    """Make short names that tell compared submissions apart, by id."""
    counts: dict[str, int] = {}
    for row in rows:
        counts[row.method] = counts.get(row.method, 0) + 1
    return {
        row.submission_id: row.method
        if counts[row.method] == 1
        else f"{row.method} ({row.submission_id[:4]})"
        for row in rows
    }


def accuracies(comparison: Comparison, names: Mapping[str, str]) -> pd.DataFrame:
    """Make a table of each submission's accuracy on each domain, and of images they differ on."""
    return pd.DataFrame(
        [
            {
                "Domain": domain.domain,
                **{names[identifier]: value for identifier, value in domain.accuracy.items()},
                "Differ on": domain.n_differing,
                "Images": domain.n_images,
            }
            for domain in comparison.domains
        ]
    )


def costs(rows: Sequence[Row], field: str) -> pd.DataFrame:
    """Make a table of score by cost, cheapest first, that marks rows no cheaper one beats.

    Yardsticks are not in it, and entries that gave up the task are on no frontier.
    """
    priced = [
        (float(getattr(row, field)), row.headline.estimate, row)
        for row in rows
        if getattr(row, field) is not None
        and row.headline.estimate is not None
        and row.standing != "yardstick"
    ]
    lines = []
    best = float("-inf")
    for cost, score, row in sorted(priced, key=lambda entry: (entry[0], -entry[1])):
        low, high = row.headline.low, row.headline.high
        may_lead = row.standing != "gave-up"
        lines.append((row.method, cost, score, low, high, may_lead and score > best))
        best = max(best, score) if may_lead else best
    table = pd.DataFrame(lines, columns=["method", "cost", "score", "low", "high", "frontier"])
    table["label"] = labels(table, table["frontier"])
    return table


def labels(table: pd.DataFrame, among: pd.Series) -> pd.Series:
    """List the methods' names from the best down, without those that would overlap."""
    last = float("inf")
    names = pd.Series("", index=table.index)
    # A table without rows has columns of no type.
    for index, line in (
        table[among.astype(bool)].sort_values("score", ascending=False, kind="stable").iterrows()
    ):
        if line["score"] < last - _APART:
            names[index], last = line["method"], line["score"]
    return names
