"""The scale of the scores: 0 at chance, 1 at a ceiling, for ceilings that are far enough apart."""

from collections.abc import Iterable

LEAST_ROOM = 0.1
"""Least difference between both ends of a scale. Less of it would divide by little but noise."""


def above_chance(accuracy: float, *, chance: float, ceiling: float) -> float:
    """Compute (accuracy - chance) / (ceiling - chance).

    The result is 0 at chance and 1 at the ceiling. It is never clipped, so it is negative below
    chance and more than 1 above the ceiling.

    Raises:
        ValueError: The ceiling is not above chance.

    Example:
        >>> round(above_chance(0.5, chance=0.1, ceiling=0.9), 6)
        0.5
    """
    if not ceiling > chance:
        raise ValueError(f"The ceiling {ceiling!r} is not above chance, {chance!r}.")
    return (accuracy - chance) / (ceiling - chance)


def has_room(ceiling: float, *, chance: float) -> bool:
    """Tell whether a ceiling is far enough above chance for a score between them.

    Example:
        >>> has_room(0.9, chance=0.1), has_room(0.19, chance=0.1)
        (True, False)
    """
    return ceiling >= chance + LEAST_ROOM


def mean(values: Iterable[float]) -> float:
    """Compute the arithmetic mean.

    Raises:
        ValueError: There are no values.

    Example:
        >>> mean([0.25, 0.75])
        0.5
    """
    listed = list(values)
    if not listed:
        raise ValueError("There is nothing to average.")
    return sum(listed) / len(listed)
