"""What is each pattern worth to a method, averaged over all orders in which they could come?"""

from collections.abc import Mapping
from math import factorial


def shapley_values(accuracy: Mapping[frozenset[str], float]) -> dict[str, float]:
    """The Shapley value of each pattern in the game v(S) = accuracy with exactly S kept.

    `accuracy` needs every subset of the patterns. The values sum to v(all) - v(none) (Shapley
    1953). Raises KeyError where a subset is lacking.
    """
    patterns = max(accuracy, key=len)
    n = len(patterns)
    subsets = [kept for kept in accuracy if kept <= patterns]
    if len(subsets) != 2**n:
        raise KeyError(
            f"{2**n} subsets of {sorted(patterns)} are needed, {len(subsets)} are there."
        )
    values = {}
    for pattern in sorted(patterns):
        values[pattern] = sum(
            factorial(len(kept))
            * factorial(n - len(kept) - 1)
            / factorial(n)
            * (accuracy[kept | {pattern}] - accuracy[kept])
            for kept in subsets
            if pattern not in kept
        )
    return values
