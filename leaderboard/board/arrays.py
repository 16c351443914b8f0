"""The small arrays that are kept in the tables, and what ranking makes of them."""

import json
import zlib

import numpy as np
from jaxtyping import Float32

from dgbench.metrics.intervals import Summary
from leaderboard.intake.scoring import Scored
from leaderboard.store.canonical import canonical
from leaderboard.store.models import EvidenceRow

_SCALARS = ("estimate", "n_seeds", "seed_variance", "image_variance", "rest_variance")
_LEVEL = 1
"""Of deflating: image means have few distinct values and shrink well at any level."""


def row_of(scored: Scored) -> EvidenceRow:
    """The row of a submission's arrays."""
    found = scored.summary
    if found is None or scored.replicates is None:
        text, means, replicates = "", b"", b""
    else:
        scalars = {name: getattr(found, name) for name in _SCALARS}
        text = canonical({**scalars, "seed_means": found.seed_means})
        means = zlib.compress(found.image_means.astype("<f8").tobytes(), _LEVEL)
        replicates = scored.replicates.astype("<f4").tobytes()
    return EvidenceRow(
        submission_id=scored.id,
        summary=text,
        image_means=means,
        replicates=replicates,
        bitmap=scored.sketch.tobytes(),
    )


def summary_from(text: str, image_means: bytes) -> Summary:
    """The summary of the headline score, as it was kept."""
    scalars = json.loads(text)
    seed_means = tuple(scalars.pop("seed_means"))
    means = np.frombuffer(zlib.decompress(image_means), "<f8")
    return Summary(**scalars, seed_means=seed_means, image_means=means)


def replicates_from(data: bytes) -> Float32[np.ndarray, " r"]:
    """The replicates of the headline score, as they were kept."""
    return np.frombuffer(data, "<f4")
