"""Which pattern do predictions follow when every pattern points to another class?"""

import math
from collections.abc import Mapping


def reliance(follows: Mapping[str, int], n: int) -> dict[str, float]:
    """The share of n predictions that follow each pattern; the rest follows none.

    A guess that looks at nothing follows each pattern with probability 1/K.
    """
    return {name: count / n for name, count in follows.items()}


def effective_patterns(shares: Mapping[str, float]) -> float:
    """exp(entropy) of the shares among the predictions that follow some pattern.

    1 where one pattern decides alone, the number of patterns where all decide equally often, 0
    where none is ever followed.
    """
    total = sum(shares.values())
    if total == 0:
        return 0.0
    parts = [share / total for share in shares.values() if share > 0]
    return math.exp(-sum(part * math.log(part) for part in parts))
