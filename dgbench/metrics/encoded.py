"""The patterns that the features of a method encode, whether or not its head uses them."""

from collections.abc import Mapping
from typing import Protocol

from dgbench.metrics.scale import above_chance, has_room
from dgbench.references import Reference


class Probe(Protocol):
    """The counts of a linear probe of one pattern's value."""

    @property
    def n(self) -> int:
        """Images that it was asked about."""

    @property
    def correct(self) -> int:
        """Images of which it read the value from the trained network's features."""


def encoded(probe: float, *, untrained: float, oracle: float) -> float | None:
    """Compute E of one pattern: 0 for the untrained network, 1 for the oracle, never clipped.

    Args:
        probe: Share of the pattern's values that a linear probe reads from the method's features.
        untrained: The same of the network before training, from the reference values.
        oracle: The same of networks that were trained where only this pattern is kept.

    Returns:
        E, or None where the oracle's features are hardly better than those of no training.

    Example:
        >>> encoded(0.75, untrained=0.5, oracle=1.0)
        0.5
        >>> encoded(0.97, untrained=0.95, oracle=1.0) is None
        True
    """
    if not has_room(oracle, chance=untrained):
        return None
    return above_chance(probe, chance=untrained, ceiling=oracle)


def encoded_patterns(probes: Mapping[str, Probe], reference: Reference | None) -> dict[str, float]:
    """Compute E of each pattern that has one, from the linear probes of one run.

    Args:
        probes: Raw counts by pattern, empty for a method without features.
        reference: The reference values, which hold both ends of each scale.

    Example:
        >>> encoded_patterns({}, None)
        {}
    """
    if reference is None:
        return {}
    values = {
        name: encoded(
            counts.correct / counts.n,
            untrained=reference.untrained[name],
            oracle=reference.probes[name],
        )
        for name, counts in probes.items()
        if name in reference.probes and name in reference.untrained
    }
    return {name: value for name, value in values.items() if value is not None}
