"""Count predictions: the raw counts that a record keeps."""

from collections.abc import Mapping

import numpy as np
from jaxtyping import Float, Int

from data_gen.manifest import SplitRecord
from dgbench.results.predictions import Predictions
from dgbench.results.record import ConfidenceBin, DomainCounts

N_BINS = 15
"""Bins of the expected calibration error (Guo et al. 2017, arXiv 1706.04599)."""
_LEAST = 1e-12
"""Smallest probability in a logarithm, so that an overconfident image keeps the sum finite."""


def count(
    predictions: Predictions, values: Mapping[str, Int[np.ndarray, " n"]], data: SplitRecord
) -> DomainCounts:
    """Count one domain. `values` holds what each pattern shows, -1 where it is missing."""
    is_correct = predictions.pred == predictions.label
    calibration = {}
    if predictions.probabilities is not None:
        calibration = _calibration(
            predictions.probabilities, predictions.label, is_correct, predictions.pred
        )
    return DomainCounts(
        data=data,
        n=len(predictions.label),
        correct=int(is_correct.sum()),
        follows={name: int((predictions.pred == shown).sum()) for name, shown in values.items()},
        **{"nll": None, "brier": None, **calibration},
    )


def _calibration(
    probabilities: Float[np.ndarray, "n k"],
    label: Int[np.ndarray, " n"],
    is_correct: np.ndarray[tuple[int], np.dtype[np.bool_]],
    pred: Int[np.ndarray, " n"],
) -> dict[str, object]:
    p = probabilities.astype(np.float64)
    rows = np.arange(len(label))
    of_label = p[rows, label]
    confidence = p[rows, pred]
    # A bin is (low, high], the first one includes 0.
    bins = np.clip(np.ceil(confidence * N_BINS).astype(int) - 1, 0, N_BINS - 1)
    return {
        "nll": float(-np.log(np.clip(of_label, _LEAST, None)).sum()),
        "brier": float((p**2).sum() - 2 * of_label.sum() + len(label)),
        "confidence_bins": tuple(
            ConfidenceBin(
                n=int((bins == b).sum()),
                correct=int(is_correct[bins == b].sum()),
                confidence=float(confidence[bins == b].sum()),
            )
            for b in range(N_BINS)
        ),
    }
