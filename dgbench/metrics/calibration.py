"""Whether probabilities say how often predictions are right."""

from typing import NamedTuple

from dgbench.results.record import DomainCounts


class Calibration(NamedTuple):
    """The fit of the probabilities on one domain to the labels. Each number is 0 at best."""

    nll: float
    """Mean of -log of the label's probability, in nats, at least 0."""
    brier: float
    """Mean squared distance of the probabilities to the one-hot label, in [0, 2] (Brier 1950)."""
    ece: float
    """Expected calibration error over 15 equal bins, in [0, 1] (Guo et al. 2017)."""


def calibration(counts: DomainCounts) -> Calibration | None:
    """Compute the calibration of one domain, or None where it has no probabilities.

    Example:
        Two images are predicted with a probability of 0.9, and both are right. Two are predicted
        with 0.6, and one of them is right.

        >>> import numpy as np
        >>> from data_gen.manifest import SplitRecord
        >>> from dgbench.results.counts import count
        >>> from dgbench.results.predictions import Predictions
        >>> probabilities = np.array([[0.9, 0.1], [0.1, 0.9], [0.6, 0.4], [0.6, 0.4]])
        >>> predictions = Predictions(
        ...     domain="id",
        ...     image_id=np.arange(4),
        ...     label=np.array([0, 1, 0, 1]),
        ...     pred=np.array([0, 1, 0, 0]),
        ...     probabilities=probabilities,
        ... )
        >>> data = SplitRecord(n_images=4, pixels="", labels="", factors="")
        >>> nll, brier, ece = calibration(count(predictions, {}, data))
        >>> round(nll, 4), round(brier, 4), round(ece, 4)
        (0.4095, 0.27, 0.1)
    """
    if counts.nll is None or counts.brier is None:
        return None
    gaps = (abs(in_bin.correct - in_bin.confidence) for in_bin in counts.confidence_bins)
    return Calibration(counts.nll / counts.n, counts.brier / counts.n, sum(gaps) / counts.n)
