"""Every test domain in one pass: predictions, raw counts, and linear probes."""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import torch
from jaxtyping import Float, UInt8
from lightning.pytorch import LightningModule

from dgbench.api import Method
from dgbench.benchmarks import Benchmark, Loaded
from dgbench.results.counting import count
from dgbench.results.predictions import Predictions
from dgbench.results.record import DomainCounts, ProbeCounts
from dgbench.training.data import as_floats
from dgbench.training.learner import logits
from dgbench.training.watch import DivergedError

CHUNK = 1000
"""Images a forward pass."""


class Evaluated(NamedTuple):
    """One split: what was predicted, and its counts."""

    predictions: Predictions
    counts: DomainCounts


def evaluate(module: LightningModule, benchmark: Benchmark, name: str) -> Evaluated:
    """Predict a whole split."""
    loaded = benchmark.load(name)
    probabilities = np.concatenate(list(_probabilities(module, loaded.images)))
    if not np.isfinite(probabilities).all():
        raise DivergedError(
            f"The logits on {name!r} are not numbers. Try a lower learning rate or weaker "
            "regularisation."
        )
    found = Predictions(
        domain=name,
        image_id=loaded.image_id,
        label=loaded.labels,
        pred=probabilities.argmax(axis=1),
        probabilities=probabilities,
    )
    return Evaluated(found, count(found, loaded.values, loaded.record))


def accuracy(module: LightningModule, benchmark: Benchmark, name: str) -> float:
    """The share of a split that is predicted right."""
    loaded = benchmark.load(name)
    predicted = np.concatenate(
        [found.argmax(axis=1) for found in _probabilities(module, loaded.images)]
    )
    return float((predicted == loaded.labels).mean())


def _probabilities(
    module: LightningModule, images: UInt8[np.ndarray, "n h w 3"]
) -> Iterator[Float[np.ndarray, "b k"]]:
    was_training = module.training
    module.eval()
    try:
        with torch.inference_mode():
            for chunk in _on_device(module, images):
                yield torch.softmax(logits(module, chunk), dim=1).cpu().numpy()
    finally:
        module.train(was_training)


def _on_device(
    module: LightningModule, images: UInt8[np.ndarray, "n h w 3"]
) -> Iterator[Float[torch.Tensor, "b c h w"]]:
    for start in range(0, len(images), CHUNK):
        yield as_floats(torch.from_numpy(images[start : start + CHUNK]).to(module.device))


def probe(trained: Method, untrained: Method, benchmark: Benchmark) -> dict[str, ProbeCounts]:
    """Can each pattern be read linearly from the features, whether or not the head uses it?

    Logistic regression on standardised features, fitted on held-out training digits and tested on
    the domain `none`: nothing correlates in either, so that a pattern can be read from its own
    trace only. The same with the network before training says what its architecture gives for free.
    """
    fit_on, test_on = benchmark.load("dev.none"), benchmark.load("none")
    correct = {}
    for which, module in (("trained", trained), ("untrained", untrained)):
        correct[which] = _probe_correct(module, fit_on, test_on)
    return {
        name: ProbeCounts(
            n=len(test_on.labels),
            correct=correct["trained"][name],
            correct_untrained=correct["untrained"][name],
        )
        for name in benchmark.spec.entries
    }


def _probe_correct(module: Method, fit_on: Loaded, test_on: Loaded) -> dict[str, int]:
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    x, x_test = _features(module, fit_on.images), _features(module, test_on.images)
    found = {}
    for name, values in fit_on.values.items():
        model = make_pipeline(StandardScaler(), LogisticRegression(max_iter=PROBE_ITERATIONS))
        found[name] = int((_fitted(model, x, values).predict(x_test) == test_on.values[name]).sum())
    return found


PROBE_ITERATIONS = 100


def _fitted(model, x, y):
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return model.fit(x, y)


def _features(
    module: Method, images: UInt8[np.ndarray, "n h w 3"]
) -> Float[np.ndarray, "n d"]:
    module.eval()
    with torch.inference_mode():
        parts = [module.features(chunk).float().cpu() for chunk in _on_device(module, images)]
    return torch.cat(parts).flatten(1).numpy()
