"""Do the probabilities say how often the predictions are right?"""

from typing import NamedTuple

from dgbench.results.record import DomainCounts


class Calibration(NamedTuple):
    """Of one domain."""

    nll: float
    """Mean of -log of the label's probability, in nats."""
    brier: float
    """Mean squared distance of the probabilities to the one-hot label, in [0, 2] (Brier 1950)."""
    ece: float
    """Expected calibration error over 15 equal bins, in [0, 1] (Guo et al. 2017)."""


def calibration(counts: DomainCounts) -> Calibration | None:
    """The calibration of one domain; None where its predictions came without probabilities."""
    if counts.nll is None or counts.brier is None:
        return None
    gaps = (abs(found.correct - found.confidence) for found in counts.confidence_bins)
    return Calibration(counts.nll / counts.n, counts.brier / counts.n, sum(gaps) / counts.n)
