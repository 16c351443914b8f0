"""The share that a method finds of what an oracle of a single pattern finds."""

from collections.abc import Iterable, Mapping


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


def pattern_found(
    only: Mapping[str, float], *, chance: float, ceilings: Mapping[str, float]
) -> dict[str, float]:
    """Compute PF, the share of each pattern that is found: 0 at chance, 1 at the ceiling.

    Args:
        only: Accuracy on the domain `only.<p>`, for each pattern p.
        chance: Accuracy of a guess, 1 / number of classes.
        ceilings: Accuracy on `only.<p>` of a method that was trained where only p is kept.

    Example:
        >>> pattern_found(
        ...     {"color": 0.75, "shape": 0.25}, chance=0.25, ceilings={"color": 1.0, "shape": 0.75}
        ... )
        {'color': 0.6666666666666666, 'shape': 0.0}
    """
    return {
        name: above_chance(accuracy, chance=chance, ceiling=ceilings[name])
        for name, accuracy in only.items()
    }


def hidden_pattern_score(by_pattern: Mapping[str, float], hidden: Iterable[str]) -> float:
    """Compute HPS, the mean PF over the hidden patterns: 0 at chance, 1 at the ceiling.

    Args:
        by_pattern: PF of each pattern.
        hidden: The patterns that the benchmark calls hidden, at least one.

    Example:
        >>> hidden_pattern_score({"color": 1.0, "shape": 0.25, "frame": 0.5}, ["shape", "frame"])
        0.375
    """
    return mean(by_pattern[name] for name in hidden)


def missing_pattern_score(
    missing: Iterable[float],
    *,
    chance: float,
    ceilings: Mapping[str, float],
    hidden: Iterable[str],
) -> float:
    """Compute MPS, what is found with the dominant pattern missing: 0 at chance, 1 at the ceiling.

    Args:
        missing: Accuracy where a dominant pattern is missing, once for each rendering.
        chance: Accuracy of a guess, 1 / number of classes.
        ceilings: Ceiling of each pattern, as in `pattern_found`.
        hidden: The patterns that the benchmark calls hidden, at least one.

    Example:
        >>> missing_pattern_score(
        ...     [0.25, 0.75], chance=0.25, ceilings={"shape": 0.75}, hidden=["shape"]
        ... )
        0.5
    """
    accuracy = mean(missing)
    return mean(above_chance(accuracy, chance=chance, ceiling=ceilings[name]) for name in hidden)


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
