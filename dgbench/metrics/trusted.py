"""The patterns that a method trusts: those that it follows where all others say something else."""

from fractions import Fraction
from functools import cache
from math import comb, factorial

from dgbench.metrics.scale import above_chance, has_room


def trusted(accuracy: float, *, chance: float, ceiling: float) -> float | None:
    """Compute T of one pattern: 0 by chance and 1 at the ceiling, never clipped.

    Where one pattern is kept, all others are drawn at random, so they contradict it. A method that
    has found every pattern and trusts all alike is outvoted there: see `ideal_voter`.

    Args:
        accuracy: Accuracy on the domain `only.<p>` of one pattern p.
        chance: Accuracy of a guess, 1 / number of classes.
        ceiling: Accuracy there of networks that were trained where only p is kept.

    Returns:
        T, or None where the ceiling leaves no room above chance.

    Example:
        >>> trusted(0.75, chance=0.25, ceiling=1.0)
        0.6666666666666666
        >>> trusted(0.3, chance=0.25, ceiling=0.3) is None
        True
    """
    if not has_room(ceiling, chance=chance):
        return None
    return above_chance(accuracy, chance=chance, ceiling=ceiling)


@cache
def ideal_voter(n_patterns: int, n_classes: int) -> float:
    """Compute T of a voter that knows all patterns and trusts them equally, exactly.

    Each pattern has one vote, and the class with the most votes is predicted. Ties are broken at
    random. One pattern votes for the label and the others for classes drawn at random.

    Args:
        n_patterns: Number of patterns, at least 1.
        n_classes: Number of classes, at least 2.

    Example:
        >>> [round(ideal_voter(n, 10), 2) for n in (1, 2, 3, 4, 6)]
        [1.0, 0.5, 0.37, 0.32, 0.26]
    """
    n_random, others = n_patterns - 1, n_classes - 1
    right = Fraction(0)
    for agreeing in range(n_random + 1):
        votes, left = agreeing + 1, n_random - agreeing
        # Multinomial counts as coefficients of exponential series: the other classes have fewer
        # votes than the label, except for those that tie with it.
        fewer = [Fraction(1, factorial(n)) for n in range(votes)]
        for tied in range(min(others, left // votes) + 1):
            ways = _coefficient(fewer, power=others - tied, degree=left - tied * votes)
            ways *= comb(others, tied) * Fraction(1, factorial(votes)) ** tied
            right += ways * Fraction(factorial(n_random), factorial(agreeing)) / (tied + 1)
    accuracy = right / n_classes**n_random
    return float((accuracy - Fraction(1, n_classes)) / (1 - Fraction(1, n_classes)))


def _coefficient(series: list[Fraction], *, power: int, degree: int) -> Fraction:
    """Return the coefficient of x**degree in a polynomial to some power."""
    product = [Fraction(1)] + [Fraction(0)] * degree
    for _ in range(power):
        product = [
            sum(
                (product[n - k] * term for k, term in enumerate(series) if k <= n),
                Fraction(0),
            )
            for n in range(degree + 1)
        ]
    return product[degree]
