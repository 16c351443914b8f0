"""Sharpness-aware minimisation."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

import torch
import torch.nn.functional as F
from lightning.pytorch.core.optimizer import LightningOptimizer
from torch import Tensor
from typing_extensions import override

from dgbench.api import Batch, Ge, LogUniform, Method, Task


class SAM(Method):
    """Step along the gradient taken at the worst weights nearby.

    Flat minima are told to generalise better; whether they hold more patterns is another question.
    Twice the cost of a step. On several devices every one climbs along the same, averaged gradient;
    the authors let each climb along its own.

    Reference: Foret et al. 2021, Sharpness-Aware Minimization, arXiv 2010.01412.
    """

    @dataclass(frozen=True, kw_only=True)
    class Config(Method.Config):
        """Hyper-parameters."""

        radius: Annotated[float, LogUniform(1e-2, 5e-1), Ge(0)] = 0.05
        """Euclidean length of the climb, over all weights; 0 is ERM."""

    config: Config

    def __init__(self, task: Task, config: Config | None = None) -> None:
        super().__init__(task, config)
        self.automatic_optimization = False

    @override
    def training_step(self, batch: Batch, batch_idx: int) -> dict[str, Tensor]:
        optimizer = self.optimizers()
        assert isinstance(optimizer, LightningOptimizer)  # noqa: S101  (one was configured)
        optimizer.zero_grad()
        loss = F.cross_entropy(self(batch.images), batch.labels)
        self.manual_backward(loss)
        weights = [weight for weight in self.parameters() if weight.grad is not None]
        steps = climb(weights, self.config.radius)
        optimizer.zero_grad()
        self.manual_backward(F.cross_entropy(self(batch.images), batch.labels))
        with torch.no_grad():
            for weight, step in zip(weights, steps, strict=True):
                weight.sub_(step)
        optimizer.step()
        return {"loss": loss.detach()}


@torch.no_grad()
def climb(weights: Sequence[Tensor], radius: float) -> list[Tensor]:
    """Move the weights by `radius` along their gradient; returns the moves."""
    gradients = [weight.grad for weight in weights if weight.grad is not None]
    length = torch.stack([gradient.norm() for gradient in gradients]).norm()
    steps = [gradient * (radius / (length + 1e-12)) for gradient in gradients]
    for weight, step in zip(weights, steps, strict=True):
        weight.add_(step)
    return steps
