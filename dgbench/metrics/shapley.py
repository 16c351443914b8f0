"""The worth of each pattern to a method, averaged over all orders in which they could come."""

from collections.abc import Mapping
from math import factorial


def shapley_values(accuracy: Mapping[frozenset[str], float]) -> dict[str, float]:
    """Compute the Shapley value of each pattern (Shapley 1953).

    The value of a set S of patterns is the accuracy where exactly the patterns of S are kept. A
    pattern's Shapley value is the mean of what it adds, over all orders in which the patterns may
    be added. The values sum to the accuracy with all patterns minus the one with none. A value is
    between -1 and 1.

    Args:
        accuracy: Accuracy in [0, 1] for every one of the 2**n subsets of the n patterns.

    Raises:
        KeyError: A subset is missing.

    Example:
        Colour alone gives 0.9, shape alone 0.3, both give 1.0, and chance is 0.1.

        >>> accuracy = {
        ...     frozenset(): 0.1,
        ...     frozenset({"color"}): 0.9,
        ...     frozenset({"shape"}): 0.3,
        ...     frozenset({"color", "shape"}): 1.0,
        ... }
        >>> {pattern: round(value, 2) for pattern, value in shapley_values(accuracy).items()}
        {'color': 0.75, 'shape': 0.15}
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
