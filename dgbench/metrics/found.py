"""The patterns that a method has found: those that it reads where nothing contradicts them."""

from collections.abc import Iterable, Mapping

from dgbench.metrics.scale import above_chance, has_room, mean


def found(
    solo: Mapping[str, float], *, chance: float, ceilings: Mapping[str, float]
) -> float | None:
    """Compute F of one pattern: 0 by chance and 1 at the ceiling, never clipped.

    Where the pattern is kept and all others are missing, a method that knows it is right, even if
    it trusts another pattern more. F is the mean over the ways in which the others may be missing.

    Args:
        solo: Accuracy on each domain `solo.<p>.<rendering>` of one pattern p, at least one.
        chance: Accuracy of a guess, 1 / number of classes.
        ceilings: By the same names, the accuracy of networks that were trained where only p is
            kept.

    Returns:
        F, or None where a ceiling leaves no room above chance.

    Example:
        >>> found({"mean": 0.5, "absent": 0.3}, chance=0.1, ceilings={"mean": 0.9, "absent": 0.5})
        0.5
        >>> found({"mean": 0.1}, chance=0.1, ceilings={"mean": 0.15}) is None
        True
    """
    if not all(has_room(ceilings[name], chance=chance) for name in solo):
        return None
    return mean(
        above_chance(accuracy, chance=chance, ceiling=ceilings[name])
        for name, accuracy in solo.items()
    )


def hidden_pattern_score(
    by_pattern: Mapping[str, float | None], hidden: Iterable[str]
) -> float | None:
    """Compute HPS, the mean F of the hidden patterns, which is 1 if all of them are found.

    Args:
        by_pattern: F of each pattern, None where a ceiling leaves no room for one. A pattern that
            was not tested is not in it.
        hidden: The patterns that the benchmark calls hidden.

    Returns:
        HPS, or None where a hidden pattern was not tested, or none of them has an F.

    Example:
        >>> by_pattern = {"color": 1.0, "shape": 0.25, "frame": 0.5, "dust": None}
        >>> hidden_pattern_score(by_pattern, ["shape", "frame", "dust"])
        0.375
        >>> hidden_pattern_score(by_pattern, ["shape", "place"]) is None
        True
    """
    names = list(hidden)
    if not all(name in by_pattern for name in names):
        return None
    values = [value for name in names if (value := by_pattern[name]) is not None]
    return mean(values) if values else None
