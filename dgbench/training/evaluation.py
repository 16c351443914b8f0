"""Predictions of a module on whole splits, and their raw counts."""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import torch
from jaxtyping import Float, UInt8
from lightning.pytorch import LightningModule

from dgbench.benchmarks import Benchmark
from dgbench.results.counts import count
from dgbench.results.predictions import Predictions
from dgbench.results.record import DomainCounts
from dgbench.training.data import as_floats
from dgbench.training.errors import DivergedError
from dgbench.training.learner import logits

CHUNK = 1000
"""Images in one forward pass."""


class SplitEvaluation(NamedTuple):
    """The predictions on one split, and their counts."""

    predictions: Predictions
    counts: DomainCounts


def evaluate(module: LightningModule, benchmark: Benchmark, name: str) -> SplitEvaluation:
    """Predict a whole split."""
    loaded = benchmark.load(name)
    probabilities = np.concatenate(list(_probabilities(module, loaded.images)))
    if not np.isfinite(probabilities).all():
        raise DivergedError(
            f"The logits on {name!r} are not numbers. Try a lower learning rate or weaker "
            "regularisation."
        )
    predictions = Predictions(
        domain=name,
        image_id=loaded.image_id,
        label=loaded.labels,
        pred=probabilities.argmax(axis=1),
        probabilities=probabilities,
    )
    return SplitEvaluation(predictions, count(predictions, loaded.values, loaded.record))


def accuracy(module: LightningModule, benchmark: Benchmark, name: str) -> float:
    """The share of a split that is predicted correctly."""
    loaded = benchmark.load(name)
    predicted = np.concatenate(
        [chunk.argmax(axis=1) for chunk in _probabilities(module, loaded.images)]
    )
    return float((predicted == loaded.labels).mean())


def _probabilities(
    module: LightningModule, images: UInt8[np.ndarray, "n h w 3"]
) -> Iterator[Float[np.ndarray, "b k"]]:
    was_training = module.training
    module.eval()
    try:
        with torch.inference_mode():
            for chunk in on_device(module, images):
                yield torch.softmax(logits(module, chunk), dim=1).cpu().numpy()
    finally:
        module.train(was_training)


def dtype_of(module: LightningModule) -> torch.dtype:
    """The type of the numbers that a module computes with."""
    return torch.float64 if module.dtype == torch.float64 else torch.float32


def on_device(
    module: LightningModule, images: UInt8[np.ndarray, "n h w 3"]
) -> Iterator[Float[torch.Tensor, "b c h w"]]:
    """The images as the module sees them, in chunks."""
    for start in range(0, len(images), CHUNK):
        chunk = torch.from_numpy(images[start : start + CHUNK]).to(module.device)
        yield as_floats(chunk, dtype_of(module))
