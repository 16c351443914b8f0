"""The accuracy that is left when the dominant pattern says nothing: UP and MP of the paper."""

from collections.abc import Iterable

from dgbench.metrics.scale import above_chance, mean


def without_dominant(
    by_pattern: Iterable[Iterable[float]], *, chance: float, erm_id: float
) -> float:
    """Compute UP or MP: 0 by chance and 1 at what plain training has in the training domain.

    Each is the accuracy with a dominant pattern uncorrelated (UP) or missing (MP), while the
    others are kept. It is averaged over renderings and then over the dominant patterns.

    Args:
        by_pattern: For each dominant pattern its accuracies: one for UP, one a rendering for MP.
        chance: Accuracy of a guess, 1 / number of classes.
        erm_id: Accuracy of ERM on `id`, from the reference values.

    Raises:
        ValueError: There are no accuracies.

    Example:
        >>> without_dominant([[0.25, 0.75]], chance=0.25, erm_id=0.75)
        0.5
    """
    accuracy = mean(mean(accuracies) for accuracies in by_pattern)
    return above_chance(accuracy, chance=chance, ceiling=erm_id)
