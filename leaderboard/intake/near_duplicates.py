"""Finds submissions that get the same images wrong, so that a moderator can look at both."""

from collections.abc import Iterator

import numpy as np
from jaxtyping import Bool, UInt8
from sqlalchemy import select
from sqlalchemy.orm import Session

from leaderboard.store.models import EvidenceRow, SubmissionRow

SKETCH_BITS = 2**14
"""Bits that are kept of a bitmap: enough to tell, few enough to compare with ten thousand."""
ALIKE = 0.02
"""Share of the errors of two submissions that only one of them makes, below which they are alike.

Of the stored reference runs on `mnist-color@1`, single seeds of one method differ in 0.05 to 0.27,
and different methods in 0.024 or more; diagnostics that see one pattern alone (`color-only`,
`majority-class`) hardly differ, and are worth a look. A copy in which every hundredth prediction
was changed differs in about 0.02.
"""
_LEAST_ERRORS = 50
"""Fewer errors in the sketch tell nothing."""
_SHOWN = 3


def sketch(is_right: Bool[np.ndarray, " n"]) -> UInt8[np.ndarray, " b"]:
    """Sample evenly which predictions are right, and pack it into at most 2 KiB."""
    n = len(is_right)
    chosen = np.arange(n) if n <= SKETCH_BITS else np.arange(SKETCH_BITS) * n // SKETCH_BITS
    return np.packbits(is_right[chosen])


def near_duplicates_of(
    session: Session, submission: SubmissionRow, bitmap: UInt8[np.ndarray, " b"]
) -> Iterator[str]:
    """Say how near the nearest submissions are, by others or of other methods."""
    others = session.execute(
        select(EvidenceRow.submission_id, EvidenceRow.bitmap)
        .join(SubmissionRow, SubmissionRow.id == EvidenceRow.submission_id)
        .where(
            SubmissionRow.benchmark == submission.benchmark,
            SubmissionRow.id != submission.id,
            (SubmissionRow.submitter != submission.submitter)
            | (SubmissionRow.method != submission.method),
        )
        .order_by(SubmissionRow.received_at, SubmissionRow.id)
    ).all()
    same = [(identifier, data) for identifier, data in others if len(data) == len(bitmap)]
    if not same:
        return
    stacked = np.frombuffer(b"".join(data for _, data in same), np.uint8).reshape(len(same), -1)
    distances = error_distances(bitmap, stacked)
    nearest = np.argsort(distances, kind="stable")[:_SHOWN]
    for index in nearest[distances[nearest] < ALIKE]:
        yield (f"{distances[index]:.1%} of the errors differ from those of {same[index][0]}.")


def error_distances(
    bitmap: UInt8[np.ndarray, " b"], others: UInt8[np.ndarray, "e b"]
) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """Compute the share of errors that only one of two submissions makes (1 if they are few)."""
    mine = ~bitmap
    either = _ones(mine | ~others)
    alone = _ones(bitmap ^ others)
    return np.where(either >= _LEAST_ERRORS, alone / np.maximum(either, 1), 1.0)


_ONES = np.array([bin(byte).count("1") for byte in range(256)], np.uint8)


def _ones(rows: UInt8[np.ndarray, "e b"]) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    return _ONES[rows].sum(axis=1, dtype=np.int64)
