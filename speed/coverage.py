"""Do intervals that are named 95 % hold the truth in 95 % of the experiments, and tiers their word?

    python speed/coverage.py [--trials 4000] [--boards 500] [--images 2000]

Simulates methods that are right on an image by a coin whose odds hang on the seed, the image and
both. In each trial seeds and images are drawn anew; the truth is the mean over all seeds and images
there could be. Prints the coverage of the two-way interval and of the interval over seeds alone, of
paired differences, how often boards of equal methods have more than one tier, and how often a
method that is better by some points is found to be better.
"""

import argparse
from collections.abc import Mapping, Sequence
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
from dgbench.metrics.ranking import LEVEL, Contender, is_unstable, places, verdict

N_SEEDS = (3, 5, 10)
BOARD_SIZES = (5, 15, 60)
LEADS = (0.02, 0.05, 0.1, 0.2, 0.4)


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


def answers(
    world: World, rng: np.random.Generator, difficulty: Float[np.ndarray, " n"], n_seeds: int
) -> Contender:
    """One method of a world, summarised."""
    return Contender.of(summarise(world.right(rng, difficulty, n_seeds).astype(float)))


def false_separation(
    world: World, n_seeds: int, *, n_trials: int, n_images: int, seed: int
) -> list[float]:
    """Compute the share of boards of equal methods with several tiers, by size of the board.

    Small boards are parts of the largest one, so there are more of them.
    """
    rng = np.random.default_rng([seed, n_seeds])
    parted = dict.fromkeys(BOARD_SIZES, 0)
    largest = max(BOARD_SIZES)
    for _ in range(n_trials):
        difficulty = rng.normal(size=n_images)
        entries = [answers(world, rng, difficulty, n_seeds) for _ in range(largest)]
        for size in BOARD_SIZES:
            for start in range(0, largest, size):
                board = entries[start : start + size]
                tiers = [place.tier for place in places(board, [""] * size)]
                parted[size] += max(tiers) > 1
    return [parted[size] / (n_trials * (largest // size)) for size in BOARD_SIZES]


def power(
    world: World, n_seeds: int, *, n_trials: int, n_images: int, seed: int
) -> tuple[list[float], float]:
    """Compute how often a lead is shown, by its size, and the share of unstable entries."""
    rng = np.random.default_rng([seed, n_seeds, 1])
    shown = [0] * len(LEADS)
    n_unstable = 0
    middle = world._replace(accuracy=0.5)
    for index, lead in enumerate(LEADS):
        better = world._replace(accuracy=0.5 + lead / 2)
        worse = world._replace(accuracy=0.5 - lead / 2)
        for _ in range(n_trials):
            difficulty = rng.normal(size=n_images)
            ahead, behind = (answers(side, rng, difficulty, n_seeds) for side in (better, worse))
            shown[index] += verdict(ahead, behind) == "better"
            n_unstable += is_unstable(answers(middle, rng, difficulty, n_seeds).summary)
    return [count / n_trials for count in shown], n_unstable / (n_trials * len(LEADS))


def main(arguments: Sequence[str] | None = None) -> None:
    """Print the three tables."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--trials", type=int, default=4000, help="of coverage, in each world")
    parser.add_argument("--boards", type=int, default=500, help="of the largest size, and of leads")
    parser.add_argument("--images", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=0)
    asked = parser.parse_args(arguments)
    sizes = {"n_images": asked.images, "seed": asked.seed}
    print_coverage(asked.trials, sizes)
    print_separation(asked.boards, sizes)
    print_power(asked.boards, sizes)


def print_coverage(n_trials: int, sizes: Mapping[str, int]) -> None:
    """Print how often the truth is inside."""
    table = Table(
        "world",
        "seeds",
        "two-way",
        "seeds only",
        "paired difference",
        title=f"coverage in % of 95 % intervals, {n_trials} trials, {sizes['n_images']} images",
    )
    for world in track(WORLDS, "coverage", console=Console(stderr=True)):
        for n in N_SEEDS:
            shares = coverage(world, n, n_trials=n_trials, **sizes)
            table.add_row(world.name, str(n), *(f"{100 * share:.1f}" for share in shares))
    Console(width=120).print(table)


def print_separation(n_trials: int, sizes: Mapping[str, int]) -> None:
    """Print how often equal methods are in several tiers."""
    largest = max(BOARD_SIZES)
    heads = (f"{n} entries ({n_trials * (largest // n)})" for n in BOARD_SIZES)
    title = "% of boards of equal methods with several tiers (number of boards)"
    table = Table("world", "seeds", *heads, title=title)
    for world in track(WORLDS[:4], "tiers", console=Console(stderr=True)):
        for n in N_SEEDS:
            shares = false_separation(world, n, n_trials=n_trials, **sizes)
            table.add_row(world.name, str(n), *(f"{100 * share:.1f}" for share in shares))
    Console(width=120).print(table)


def print_power(n_trials: int, sizes: Mapping[str, int]) -> None:
    """Print how often a lead is shown."""
    heads = (f"lead {lead:g}" for lead in LEADS)
    title = f"% of {n_trials} pairs shown to differ, at the level {LEVEL:g}"
    table = Table("world", "seeds", *heads, "unstable", title=title)
    for world in track(WORLDS[:4], "power", console=Console(stderr=True)):
        for n in N_SEEDS:
            shares, unstable = power(world, n, n_trials=n_trials, **sizes)
            cells = (f"{100 * share:.0f}" for share in (*shares, unstable))
            table.add_row(world.name, str(n), *cells)
    Console(width=120).print(table)


if __name__ == "__main__":
    main()
