"""Turn a run's predictions into plain bytes, in a process that may be harmed by reading them.

The process that signs must not parse files that a foreign method wrote.
"""

import sys
from pathlib import Path

import numpy as np
from jaxtyping import Int, UInt8

from dgbench.results.folder import PREDICTIONS
from dgbench.results.predictions import read_predictions

ROW_BYTES = 5
"""Four bytes of the image's id, and one of the predicted class."""


def extract(run: Path, output: Path, domains: list[str]) -> None:
    """Write ids and predicted classes, by domain in the given order and by ascending image."""
    by_domain = {part.domain: part for part in read_predictions(run / PREDICTIONS)}
    order = {name: np.argsort(by_domain[name].image_id, kind="stable") for name in domains}
    ids = np.concatenate([by_domain[name].image_id[order[name]] for name in domains])
    pred = np.concatenate([by_domain[name].pred[order[name]] for name in domains])
    output.write_bytes(ids.astype("<i4").tobytes() + pred.clip(0, 255).astype(np.uint8).tobytes())


def from_bytes(data: bytes) -> tuple[Int[np.ndarray, " n"], UInt8[np.ndarray, " n"]]:
    """Read the ids and predicted classes that `extract` wrote."""
    n = len(data) // ROW_BYTES
    return np.frombuffer(data, "<i4", n), np.frombuffer(data, np.uint8, n, 4 * n)


if __name__ == "__main__":
    extract(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3:])
