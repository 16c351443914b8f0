"""How much of what a single-pattern oracle finds does a method find?"""

from collections.abc import Iterable, Mapping


def above_chance(accuracy: float, *, chance: float, ceiling: float) -> float:
    """(accuracy - chance) / (ceiling - chance): 0 at chance, 1 at the ceiling, never clipped.

    Raises ValueError where the ceiling is not above chance.
    """
    if not ceiling > chance:
        raise ValueError(f"The ceiling {ceiling!r} is not above chance, {chance!r}.")
    return (accuracy - chance) / (ceiling - chance)


def pattern_found(
    only: Mapping[str, float], *, chance: float, ceilings: Mapping[str, float]
) -> dict[str, float]:
    """PF of each pattern, from the accuracy on its domain `only.<p>`."""
    return {
        name: above_chance(accuracy, chance=chance, ceiling=ceilings[name])
        for name, accuracy in only.items()
    }


def hidden_pattern_score(found: Mapping[str, float], hidden: Iterable[str]) -> float:
    """HPS: the mean PF over the hidden patterns."""
    return mean(found[name] for name in hidden)


def missing_pattern_score(
    missing: Iterable[float],
    *,
    chance: float,
    ceilings: Mapping[str, float],
    hidden: Iterable[str],
) -> float:
    """MPS: `missing` are the accuracies with a dominant pattern missing, one a rendering."""
    accuracy = mean(missing)
    return mean(above_chance(accuracy, chance=chance, ceiling=ceilings[name]) for name in hidden)


def mean(values: Iterable[float]) -> float:
    """The arithmetic mean; ValueError where there is nothing to average."""
    found = list(values)
    if not found:
        raise ValueError("There is nothing to average.")
    return sum(found) / len(found)
