"""Sharpness-aware minimisation: step along the gradient of the worst point nearby."""

from collections.abc import Sequence
from typing import Annotated, Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from typing_extensions import override

from dgbench.api import Batch, Choice, Ge, Method, Paper, Task


class SAM(Method):
    """Cross-entropy whose gradient is taken where the loss is worst within a small radius.

    Weights that lie in a wide valley lose little when the data shift a little. But a valley around
    an easy pattern can be as wide as any, so flatness alone need not find another pattern. Each
    step costs two passes. The weights are moved back to where they were before the optimiser steps.
    Both passes update the statistics of batch normalisation, in networks that have it.
    """

    paper = Paper(
        title="Sharpness-Aware Minimization for Efficiently Improving Generalization",
        authors=("Pierre Foret", "Ariel Kleiner", "Hossein Mobahi", "Behnam Neyshabur"),
        year=2021,
        url="https://arxiv.org/abs/2010.01412",
    )

    class Config(Method.Config):
        """Hyper-parameters."""

        radius: Annotated[float, Choice(0.01, 0.02, 0.05, 0.1), Ge(0)] = 0.05
        """Length of the step uphill, over all weights together. 0 is ERM."""

    config: Config

    def __init__(self, task: Task, config: Config | None = None) -> None:
        """Step by hand, because each step takes two passes."""
        super().__init__(task, config)
        self.automatic_optimization = False

    @override
    def training_step(self, batch: Batch, batch_idx: int) -> dict[str, Tensor]:
        optimizer: Any = self.optimizers()
        weights = list(self.parameters())
        before = [weight.detach().clone() for weight in weights]

        optimizer.zero_grad()
        loss = F.cross_entropy(self(batch.images), batch.labels)
        # With several devices this averages the gradient, so that all climb to the same point.
        self.manual_backward(loss)
        _climb(weights, self.config.radius)

        optimizer.zero_grad()
        worst = F.cross_entropy(self(batch.images), batch.labels)
        self.manual_backward(worst)
        with torch.no_grad():
            for weight, start in zip(weights, before, strict=True):
                weight.copy_(start)
        optimizer.step()
        # The loss where the weights are: in half precision the climb may overflow and be skipped.
        return {"loss": loss.detach(), "sharpness": (worst - loss).detach()}


@torch.no_grad()
def _climb(weights: Sequence[nn.Parameter], radius: float) -> None:
    """Move the weights by a step of a given length along their gradient."""
    slopes = [(weight, weight.grad) for weight in weights if weight.grad is not None]
    norm = nn.utils.get_total_norm([slope for _, slope in slopes])
    for weight, slope in slopes:
        weight.add_(slope * (radius / (norm + 1e-12)))
