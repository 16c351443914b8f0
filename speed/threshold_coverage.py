"""Do intervals of thresholds that are named 95 % hold the truth in 95 % of the experiments?

    python speed/threshold_coverage.py [--trials 1000] [--images 500]

Simulates a method whose true score on each of six benchmarks is known, and so the strength at which
it crosses 0.5. In each trial seeds and images are drawn anew. Prints how often the intervals of the
threshold and of the area hold the truth, and the median error of the threshold.
"""

import argparse
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from rich.console import Console
from rich.progress import track
from rich.table import Table
from scipy import special

from dgbench.metrics.intervals import Summary, summarise
from dgbench.metrics.thresholds import area_under, crossing, curve_of

HEIGHT, CHANCE = 0.5, 0.1
CURVES = {
    "between members": (0.97, 0.9, 0.7, 0.35, 0.1, 0.02),
    "on a member": (0.97, 0.9, 0.8, 0.5, 0.2, 0.02),
    "flat": (0.7, 0.62, 0.55, 0.48, 0.42, 0.35),
}
N_SEEDS = (3, 5)
SPREADS = (0.05, 0.15, 0.5)
"""Deviations of the seeds, in a probit whose coin has deviation 1."""


class Coverage(NamedTuple):
    """Shares of the trials in which the truth was inside, and the median error of the threshold."""

    threshold: float
    area: float
    error: float


def trial(
    rng: np.random.Generator, curve: Sequence[float], *, n_seeds: int, spread: float, n_images: int
) -> list[Summary]:
    """Draw one method's answers on every member, on the same images."""
    difficulty = rng.normal(size=n_images)
    scale = np.sqrt(1 + spread**2 + 1)
    summaries = []
    for score in curve:
        level = float(special.ndtri(CHANCE + (1 - CHANCE) * score)) * scale
        seeds = rng.normal(0, spread, (n_seeds, 1))
        right = level + seeds + difficulty + rng.normal(size=(n_seeds, n_images)) > 0
        summaries.append(summarise((right - CHANCE) / (1 - CHANCE)))
    return summaries


def coverage(
    curve: Sequence[float], *, n_seeds: int, spread: float, n_trials: int, n_images: int
) -> Coverage:
    """Measure the coverage for one curve."""
    rng = np.random.default_rng([0, n_seeds])
    truth = np.array(curve)
    threshold, area = crossing(truth, height=HEIGHT, rises=False), area_under(truth)
    inside, errors = np.zeros(2), []
    for _ in range(n_trials):
        summaries = trial(rng, curve, n_seeds=n_seeds, spread=spread, n_images=n_images)
        scores = [summary.estimate for summary in summaries]
        measured = curve_of(scores, height=HEIGHT, rises=False, summaries=summaries)
        pairs = ((measured.threshold, threshold), (measured.area, area))
        inside += [
            estimate.low is not None
            and estimate.high is not None
            and estimate.low <= expected <= estimate.high
            for estimate, expected in pairs
        ]
        errors.append(measured.threshold.value - threshold)
    return Coverage(*(inside / n_trials).tolist(), float(np.median(errors)))


def main(arguments: Sequence[str] | None = None) -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--trials", type=int, default=1000)
    parser.add_argument("--images", type=int, default=500)
    options = parser.parse_args(arguments)
    table = Table("curve", "seeds", "spread of seeds", "threshold", "area", "median error")
    cases = [
        (name, n_seeds, spread) for name in CURVES for n_seeds in N_SEEDS for spread in SPREADS
    ]
    totals = []
    for name, n_seeds, spread in track(cases, "simulating"):
        measured = coverage(
            CURVES[name],
            n_seeds=n_seeds,
            spread=spread,
            n_trials=options.trials,
            n_images=options.images,
        )
        totals.append(measured)
        shown = (f"{measured.threshold:.3f}", f"{measured.area:.3f}", f"{measured.error:+.3f}")
        table.add_row(name, str(n_seeds), f"{spread:g}", *shown)
    means = np.mean(np.array(totals), axis=0)
    table.add_row("mean", "", "", f"{means[0]:.3f}", f"{means[1]:.3f}", f"{means[2]:+.3f}")
    Console().print(table)


if __name__ == "__main__":
    main()
