"""Do intervals that are named 95 % hold the truth in 95 % of the experiments?

    python speed/coverage.py [--trials 4000] [--images 2000]

Simulates methods that are right on an image by a coin whose odds hang on the seed, the image and
both. In each trial seeds and images are drawn anew; the truth is the mean over all seeds and images
there could be. Prints the coverage of the two-way interval and of the interval over seeds alone, of
paired differences, and how often methods that are the same are ranked apart.
"""

import argparse
from collections.abc import Sequence
from math import sqrt
from typing import NamedTuple

import numpy as np
from jaxtyping import Bool, Float
from rich.console import Console
from rich.progress import track
from rich.table import Table
from scipy import special

from dgbench.metrics.intervals import (
    difference_of,
    interval_of,
    summarise,
    summarise_seeds,
)
from dgbench.metrics.ranking import significance_ranks

N_SEEDS = (3, 5, 10)
BOARD_SIZES = (2, 5, 20)


class World(NamedTuple):
    """A spread of seeds and images, as deviations of a probit whose coin has deviation 1."""

    name: str
    accuracy: float
    of_seeds: float
    of_images: float
    of_rest: float = 0.0
    """A taste of the seed for the image, beyond the coin."""

    def right(
        self,
        rng: np.random.Generator,
        difficulty: Float[np.ndarray, " n"],
        n_seeds: int,
    ) -> Bool[np.ndarray, "s n"]:
        """One method's answers."""
        n = len(difficulty)
        scale = sqrt(1 + self.of_seeds**2 + self.of_images**2 + self.of_rest**2)
        level = float(special.ndtri(self.accuracy)) * scale
        seeds = rng.normal(0, self.of_seeds, (n_seeds, 1)) if self.of_seeds else 0.0
        noise = rng.normal(0, sqrt(1 + self.of_rest**2), (n_seeds, n))
        return level + seeds + self.of_images * difficulty + noise > 0


WORLDS = (
    World("seeds hardly differ", 0.9, 0.005, 2.0),
    World("seeds differ a little", 0.9, 0.06, 2.0),
    World("seeds differ (as in mnist-color)", 0.35, 0.15, 1.0),
    World("seeds differ much", 0.5, 0.5, 1.0),
    World("easy, 99 % right", 0.99, 0.1, 2.0),
    World("images hardly differ", 0.2, 0.05, 0.1),
    World("seeds like other images", 0.6, 0.05, 1.0, 1.0),
)


class Found(NamedTuple):
    """Shares of the trials in which the truth was inside."""

    two_way: float
    seeds_only: float
    paired: float


def coverage(world: World, n_seeds: int, *, n_trials: int, n_images: int, seed: int) -> Found:
    """Measure the coverage in one world. Paired differences are of two equal methods."""
    rng = np.random.default_rng([seed, n_seeds])
    inside = np.zeros(3)
    for _ in range(n_trials):
        difficulty = rng.normal(size=n_images)
        right = [world.right(rng, difficulty, n_seeds).astype(float) for _ in range(2)]
        both = [summarise(values) for values in right]
        alone = interval_of(summarise_seeds(right[0].mean(axis=1)))
        intervals = (
            (interval_of(both[0]), world.accuracy),
            (alone, world.accuracy),
            (difference_of(*both).interval, 0.0),
        )
        inside += [interval.low <= truth <= interval.high for interval, truth in intervals]
    return Found(*inside / n_trials)


def ranked_apart(
    world: World, n_seeds: int, n_entries: int, *, n_trials: int, n_images: int, seed: int
) -> tuple[float, float]:
    """Compute the share of pairs of equal methods ranked apart, and of boards with such a pair."""
    rng = np.random.default_rng([seed, n_seeds, n_entries])
    pairs = boards = 0.0
    for _ in range(n_trials):
        difficulty = rng.normal(size=n_images)
        ranks = significance_ranks(
            [
                summarise(world.right(rng, difficulty, n_seeds).astype(float))
                for _ in range(n_entries)
            ]
        )
        differ = (ranks[:, None] != ranks[None]).sum() / 2
        pairs += differ / (n_entries * (n_entries - 1) / 2)
        boards += differ > 0
    return pairs / n_trials, boards / n_trials


def main(arguments: Sequence[str] | None = None) -> None:
    """Print both tables."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--trials", type=int, default=4000)
    parser.add_argument("--images", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=0)
    asked = parser.parse_args(arguments)
    sizes = {"n_images": asked.images, "seed": asked.seed}
    console = Console(width=120)
    table = Table(
        "world",
        "seeds",
        "two-way",
        "seeds only",
        "paired difference",
        title=f"coverage in % of 95 % intervals, {asked.trials} trials, {asked.images} images",
    )
    for world in track(WORLDS, "coverage", console=Console(stderr=True)):
        for n in N_SEEDS:
            shares = coverage(world, n, n_trials=asked.trials, **sizes)
            table.add_row(world.name, str(n), *(f"{100 * share:.1f}" for share in shares))
    console.print(table)
    table = Table(
        "world",
        "seeds",
        *(f"{n} entries" for n in BOARD_SIZES),
        title="equal methods ranked apart: % of pairs (% of boards)",
    )
    for world in track(WORLDS[1:4], "ranks", console=Console(stderr=True)):
        for n in N_SEEDS:
            cells = []
            for n_entries in BOARD_SIZES:
                n_trials = max(1, asked.trials // n_entries)
                pairs, boards = ranked_apart(world, n, n_entries, n_trials=n_trials, **sizes)
                cells.append(f"{100 * pairs:.1f} ({100 * boards:.1f})")
            table.add_row(world.name, str(n), *cells)
    console.print(table)


if __name__ == "__main__":
    main()
