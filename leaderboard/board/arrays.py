"""Converts the small arrays of a submission to the bytes in the tables and back."""

import json
import zlib

import numpy as np
from jaxtyping import Float32, UInt8

from data_gen.foundation.documents import canonical_json
from dgbench.metrics.intervals import Summary
from leaderboard.store.models import EvidenceRow

_SCALARS = ("estimate", "n_seeds", "seed_variance", "image_variance", "rest_variance")
_LEVEL = 1
"""Level of compression. Image means have few distinct values and shrink well at any level."""


def evidence_row(
    identifier: str,
    *,
    summary: Summary | None,
    replicates: Float32[np.ndarray, " r"] | None,
    sketch: UInt8[np.ndarray, " b"],
) -> EvidenceRow:
    """Make the table's row of a submission's arrays. A single seed has no summary or replicates."""
    if summary is None or replicates is None:
        text, means, drawn = "", b"", b""
    else:
        scalars = {name: getattr(summary, name) for name in _SCALARS}
        text = canonical_json({**scalars, "seed_means": summary.seed_means}, ensure_ascii=False)
        means = zlib.compress(summary.image_means.astype("<f8").tobytes(), _LEVEL)
        drawn = replicates.astype("<f4").tobytes()
    return EvidenceRow(
        submission_id=identifier,
        summary=text,
        image_means=means,
        replicates=drawn,
        bitmap=sketch.tobytes(),
    )


def summary_from(text: str, image_means: bytes) -> Summary:
    """Read the summary of the headline score."""
    scalars = json.loads(text)
    seed_means = tuple(scalars.pop("seed_means"))
    means = np.frombuffer(zlib.decompress(image_means), "<f8")
    return Summary(**scalars, seed_means=seed_means, image_means=means)


def replicates_from(data: bytes) -> Float32[np.ndarray, " r"]:
    """Read the replicates of the headline score."""
    return np.frombuffer(data, "<f4")
