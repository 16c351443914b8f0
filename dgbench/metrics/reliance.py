"""Which pattern predictions follow where every pattern points to another class."""

import math
from collections.abc import Mapping


def reliance(follows: Mapping[str, int], n: int) -> dict[str, float]:
    """Compute the share of predictions that follow each pattern, in [0, 1].

    The shares sum to 1 or less: the other predictions follow no pattern. Guesses that look at
    nothing follow each of K classes, and so each pattern, with probability 1/K.

    Args:
        follows: For each pattern the number of predictions of the class that it points to.
        n: Number of predictions.

    Example:
        >>> reliance({"color": 80, "shape": 15}, 100)
        {'color': 0.8, 'shape': 0.15}
    """
    return {name: count / n for name, count in follows.items()}


def effective_patterns(shares: Mapping[str, float]) -> float:
    """Compute exp(entropy) of the shares among the predictions that follow some pattern.

    The result is 1 where one pattern decides alone, the number of patterns where all decide equally
    often, and 0 where no prediction follows any.

    Args:
        shares: The share of each pattern, as `reliance` gives them.

    Example:
        >>> effective_patterns({"color": 0.8, "shape": 0.0})
        1.0
        >>> round(effective_patterns({"color": 0.4, "shape": 0.4}), 6)
        2.0
        >>> round(effective_patterns({"color": 0.8, "shape": 0.15}), 4)
        1.5468
    """
    total = sum(shares.values())
    if total == 0:
        return 0.0
    parts = [share / total for share in shares.values() if share > 0]
    return math.exp(-sum(part * math.log(part) for part in parts))
