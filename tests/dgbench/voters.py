"""Classifiers whose accuracy is known exactly, because every draw of the patterns is counted.

Each pattern that is shown votes for the class of its value, with a weight. The class with the
largest sum is predicted, and ties are broken at random. A pattern of weight 0 is not looked at.
"""

from collections.abc import Mapping
from fractions import Fraction
from itertools import product
from math import lcm

import numpy as np

N_CLASSES = 10
PARTS = lcm(*range(1, N_CLASSES + 1))
"""Parts of a prediction that is shared by classes that tie, so that all numbers are whole."""

Voter = Mapping[str, int]
"""The weight of each pattern."""


def ideal_voter(patterns: list[str]) -> Voter:
    """Knows all patterns and trusts them equally."""
    return dict.fromkeys(patterns, 1)


def single_pattern_user(patterns: list[str], pattern: str) -> Voter:
    """Knows nothing but one pattern."""
    return dict.fromkeys(patterns, 0) | {pattern: 1}


def weighted_voter(patterns: list[str], dominant: str) -> Voter:
    """Knows all patterns, and trusts each hidden one twice as much as the dominant one."""
    return dict.fromkeys(patterns, 2) | {dominant: 1}


def uniform_guesser(patterns: list[str]) -> Voter:
    """Looks at nothing."""
    return dict.fromkeys(patterns, 0)


def right_and_all(voter: Voter, states: Mapping[str, str]) -> tuple[int, int]:
    """Count right predictions over every draw, by the states of the patterns that are not kept.

    The label is class 0, since no class differs from another. The counts are in whole parts.
    """
    n_drawn = sum(state == "uncorrelated" for state in states.values())
    draws = np.indices((N_CLASSES,) * n_drawn, dtype=np.int8).reshape(n_drawn, N_CLASSES**n_drawn)
    votes = np.zeros((N_CLASSES, draws.shape[1]), np.int8)
    drawn = iter(draws)
    for pattern, weight in voter.items():
        match states.get(pattern, "kept"):
            case "kept":
                votes[0] += weight
            case "uncorrelated":
                votes[next(drawn), np.arange(draws.shape[1])] += weight
    is_best = votes == votes.max(axis=0)
    right = (is_best[0] * (PARTS // is_best.sum(axis=0, dtype=int))).sum()
    return int(right), PARTS * draws.shape[1]


def accuracy(voter: Voter, states: Mapping[str, str]) -> Fraction:
    """The share of right predictions, exactly."""
    return Fraction(*right_and_all(voter, states))


def votes_in_conflict(voter: Voter) -> dict[str, int]:
    """Count in whole parts the predictions that follow each pattern where each says another."""
    most = max(voter.values())
    leaders = [pattern for pattern, weight in voter.items() if weight == most]
    if most == 0:
        return dict.fromkeys(voter, PARTS // N_CLASSES)
    return {pattern: PARTS // len(leaders) if pattern in leaders else 0 for pattern in voter}


def slow_accuracy(voter: Voter, states: Mapping[str, str]) -> Fraction:
    """Compute `accuracy` once more, draw by draw."""
    total, n_draws = Fraction(0), 0
    choices = [
        {"kept": [0], "uncorrelated": range(N_CLASSES)}.get(states.get(pattern, "kept"), [None])
        for pattern in voter
    ]
    for shown in product(*choices):
        sums = [
            sum(
                weight
                for value, weight in zip(shown, voter.values(), strict=True)
                if value == class_
            )
            for class_ in range(N_CLASSES)
        ]
        winners = [class_ for class_, votes in enumerate(sums) if votes == max(sums)]
        total += Fraction(1, len(winners)) if 0 in winners else 0
        n_draws += 1
    return total / n_draws
