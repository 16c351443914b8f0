"""The share of claims that the prediction interval of fresh-seed verification covers.

Coverage of honest claims (nominal 95 %) by the number of seeds and runs and by how large the effect
of the generator seed is beside that of the training seed; and power: how often a false claim fails.
"""

import argparse
from collections.abc import Sequence

import numpy as np
from rich.console import Console
from rich.progress import track
from rich.table import Table

from dgbench.verification.prediction import prediction_interval

SIZES = ((3, 3), (5, 3), (5, 5), (10, 3), (10, 5))
"""Seeds of the claim, fresh runs."""
WORLDS = (
    (0.0, 1.0),
    (0.3, 0.5),
    (0.5, 0.5),
    (0.5, 0.0),
    (1.0, 1.0),
    (1.0, 0.5),
    (1.0, 0.0),
    (2.0, 0.5),
)
"""Spread over generator seeds, where training seeds spread by 1, and its part seen in the images:
what drawing the test images anew adds is seen, what drawing the training images adds is not."""
SHIFTS = (1, 2, 3, 4, 6, 8)


def held(
    seeds: int, runs: int, *, generator: float, seen: float, shift: float, trials: int
) -> float:
    """Share of claims, off by `shift`, that hold."""
    random = np.random.default_rng(0)
    n_held = 0
    for _ in range(trials):
        claim = shift + generator * random.standard_normal() + random.standard_normal(seeds)
        fresh = generator * random.standard_normal(runs) + random.standard_normal(runs)
        variance = (generator * seen) ** 2
        prediction = prediction_interval(claim.tolist(), fresh.tolist(), image_variance=variance)
        n_held += prediction.holds
    return n_held / trials


def main(arguments: Sequence[str] | None = None) -> None:
    """Print both tables."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--trials", type=int, default=4000)
    trials = parser.parse_args(arguments).trials
    console, progress = Console(width=120), Console(stderr=True)
    names = [f"{generator:g} ({seen:.0%})" for generator, seen in WORLDS]
    table = Table(
        "seeds",
        "runs",
        *names,
        title="% of honest claims that hold, by the spread over "
        "generator seeds (part seen in the images)",
    )
    for seeds, runs in track(SIZES, "coverage", console=progress):
        shares = [
            held(seeds, runs, generator=generator, seen=seen, shift=0, trials=trials)
            for generator, seen in WORLDS
        ]
        table.add_row(str(seeds), str(runs), *(f"{100 * share:.1f}" for share in shares))
    console.print(table)
    table = Table(
        "seeds",
        "runs",
        *(f"{shift} sd" for shift in SHIFTS),
        title="% of false claims "
        "that fail, by how far they are off in standard deviations of a run",
    )
    for seeds, runs in track(SIZES, "power", console=progress):
        shares = [
            1 - held(seeds, runs, generator=0.3, seen=0.5, shift=shift, trials=trials)
            for shift in SHIFTS
        ]
        table.add_row(str(seeds), str(runs), *(f"{100 * share:.0f}" for share in shares))
    console.print(table)


if __name__ == "__main__":
    main()
