"""Linear probes: is a pattern encoded in the features, whether or not the head uses it?"""

import numpy as np
import torch
import torch.nn.functional as F
from jaxtyping import Float, Int, UInt8
from torch import Tensor

from dgbench.api import Method
from dgbench.benchmarks import Benchmark, Loaded
from dgbench.results.record import ProbeCounts
from dgbench.training.evaluation import on_device

ITERATIONS = 100
"""Most steps of L-BFGS, which stops earlier if the gradient vanishes."""


def probe(trained: Method, untrained: Method, benchmark: Benchmark) -> dict[str, ProbeCounts]:
    """Probe every pattern of a benchmark that has the domain `none`.

    The probe is fitted on held-out training digits and tested on `none`. Nothing correlates in
    either, so that a pattern can only be read from its own trace. The same probe of the untrained
    network shows how much its architecture gives for free.
    """
    fit_on, test_on = benchmark.load("dev.none"), benchmark.load("none")
    n_classes = len(benchmark.spec.classes)
    correct = [_correct(module, fit_on, test_on, n_classes) for module in (trained, untrained)]
    return {
        name: ProbeCounts(
            n=len(test_on.labels), correct=correct[0][name], correct_untrained=correct[1][name]
        )
        for name in benchmark.spec.entries
    }


def _correct(module: Method, fit_on: Loaded, test_on: Loaded, n_classes: int) -> dict[str, int]:
    """The number of values of each pattern that a probe reads correctly."""
    fitted, tested = _features(module, fit_on.images), _features(module, test_on.images)
    mean, spread = fitted.mean(0), fitted.std(0, correction=0)
    spread[spread == 0] = 1
    fitted, tested = (fitted - mean) / spread, (tested - mean) / spread
    n_correct = {}
    for name, values in fit_on.values.items():
        weights = fit_linear(fitted, torch.from_numpy(values).to(fitted.device), n_classes)
        read = _logits(tested, weights).argmax(1).cpu().numpy()
        n_correct[name] = int((read == test_on.values[name]).sum())
    return n_correct


def fit_linear(
    x: Float[Tensor, "n d"], y: Int[Tensor, " n"], n_classes: int
) -> Float[Tensor, "k d_1"]:
    """Fit a multinomial logistic regression: cross-entropies plus half the squared weights.

    The intercepts, in the last column, are not penalised.
    """
    weights = torch.zeros(n_classes, x.shape[1] + 1, device=x.device, requires_grad=True)
    optimizer = torch.optim.LBFGS(
        [weights], max_iter=ITERATIONS, tolerance_grad=1e-6, line_search_fn="strong_wolfe"
    )

    def closure() -> Tensor:
        optimizer.zero_grad()
        penalty = 0.5 * weights[:, :-1].square().sum() / len(x)
        loss = F.cross_entropy(_logits(x, weights), y) + penalty
        loss.backward()  # type: ignore[no-untyped-call]
        return loss

    with torch.enable_grad():
        optimizer.step(closure)  # type: ignore[no-untyped-call]
    return weights.detach()


def _logits(x: Float[Tensor, "n d"], weights: Float[Tensor, "k d_1"]) -> Float[Tensor, "n k"]:
    return F.linear(x, weights[:, :-1], weights[:, -1])


def _features(module: Method, images: UInt8[np.ndarray, "n h w 3"]) -> Float[Tensor, "n d"]:
    module.eval()
    with torch.no_grad():
        parts = [module.features(chunk).flatten(1).float() for chunk in on_device(module, images)]
    return torch.cat(parts)
