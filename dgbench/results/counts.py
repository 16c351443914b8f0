"""From predictions to the raw counts that a record keeps."""

from collections.abc import Mapping

import numpy as np
from jaxtyping import Float, Int

from data_gen.manifest import SplitRecord
from dgbench.results.predictions import Predictions
from dgbench.results.record import ConfidenceBin, DomainCounts

N_BINS = 15
"""Bins of the expected calibration error (Guo et al. 2017, arXiv 1706.04599)."""
_LEAST = 1e-12
"""Probabilities are not taken for less, so that one overconfident image keeps the sum finite."""


def count(
    found: Predictions, values: Mapping[str, Int[np.ndarray, " n"]], data: SplitRecord
) -> DomainCounts:
    """The raw counts of one domain; `values` is what each pattern shows, -1 where missing."""
    is_correct = found.pred == found.label
    calibration = {}
    if found.probabilities is not None:
        calibration = _calibration(found.probabilities, found.label, is_correct, found.pred)
    return DomainCounts(
        data=data,
        n=len(found.label),
        correct=int(is_correct.sum()),
        follows={name: int((found.pred == shown).sum()) for name, shown in values.items()},
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
