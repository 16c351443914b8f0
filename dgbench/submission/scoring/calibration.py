"""Calibration from probabilities in units of 1/65535, in integers until the last division."""

from functools import cache
from math import log

import numpy as np
from jaxtyping import Int

from dgbench.results.counts import N_BINS
from dgbench.submission.format.alignment import UNIT
from dgbench.submission.format.bundle import Bundle

_LOG_UNIT = 1 << 32
_LEAST = 0.5
"""Units that a probability of 0 counts as, so that its logarithm is finite."""


def calibration_by_domain(bundle: Bundle) -> dict[str, dict[str, float]] | None:
    """Compute NLL, Brier score and calibration error of each test domain.

    The result is None for a bundle without probabilities.
    """
    probabilities, answers = bundle.probabilities, bundle.answers
    if probabilities is None:
        return None
    flat = probabilities.reshape(len(probabilities), -1)
    rows = np.arange(bundle.pred.size)
    n_seeds = len(bundle.pred)
    label_probability = flat[np.tile(answers.labels, n_seeds), rows].reshape(n_seeds, -1)
    confidence = flat[bundle.pred.reshape(-1), rows].reshape(n_seeds, -1)
    squares = sum(np.square(column, dtype=np.int64) for column in probabilities)
    # sum (p - onehot)^2 = sum p^2 - 2 p_label + 1, here in squared units
    brier = squares - 2 * UNIT * label_probability.astype(np.int64) + UNIT**2
    nll = _logs()[label_probability]
    bins = _bins()[confidence]
    correct = bundle.pred == answers.labels
    calibration = {}
    for name in answers.domains:
        part = answers.within(name)
        n = n_seeds * answers.size(name)
        calibration[name] = {
            "nll": int(nll[:, part].sum()) / _LOG_UNIT / n,
            "brier": int(brier[:, part].sum()) / UNIT**2 / n,
            "ece": _total_gap(bins[:, part], confidence[:, part], correct[:, part]) / n,
        }
    return calibration


def _total_gap(
    bins: Int[np.ndarray, "s n"],
    confidence: np.ndarray[tuple[int, int], np.dtype[np.uint16]],
    correct: np.ndarray[tuple[int, int], np.dtype[np.bool_]],
) -> float:
    """Sum |right predictions - total confidence| over the bins."""
    flat = bins.reshape(-1)
    gaps = correct.reshape(-1) * np.float64(UNIT) - confidence.reshape(-1)
    # These are integers below 2**53, so their sums in floating point are exact.
    sums = np.bincount(flat, weights=gaps, minlength=N_BINS)
    return int(np.abs(sums).sum()) / UNIT


@cache
def _logs() -> Int[np.ndarray, " u"]:
    values = [_LEAST, *range(1, UNIT + 1)]
    return np.array([round(-log(value / UNIT) * _LOG_UNIT) for value in values], np.int64)


@cache
def _bins() -> Int[np.ndarray, " u"]:
    """Return the bin of each confidence: (low, high], where the first bin includes 0."""
    units = np.arange(UNIT + 1, dtype=np.int64)
    return np.clip(-(-units * N_BINS // UNIT) - 1, 0, N_BINS - 1)
