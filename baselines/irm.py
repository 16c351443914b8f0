"""Invariant risk minimisation, version 1."""

from typing import Annotated, Any

import torch
import torch.nn.functional as F
from jaxtyping import Float, Int
from torch import Tensor
from typing_extensions import override

from baselines.environments import forget_moments, split
from dgbench.api import Batch, Ge, Integers, LogUniform, Losses, LossMethod, Paper


class IRM(LossMethod):
    """Ask that one classifier be the best for every environment at the same time.

    The penalty is the squared gradient of each environment's loss with respect to a factor on the
    logits, at factor 1. The two gradients in the product come from two halves of the environment's
    images, which makes the estimate unbiased. A pattern whose meaning changes between environments
    cannot make the penalty vanish.
    """

    paper = Paper(
        title="Invariant Risk Minimization",
        authors=("Martin Arjovsky", "Léon Bottou", "Ishaan Gulrajani", "David Lopez-Paz"),
        year=2019,
        url="https://arxiv.org/abs/1907.02893",
    )
    uses = frozenset({"environments"})
    n_environments = 2
    batch_semantics = "global"

    class Config(LossMethod.Config):
        """Hyper-parameters."""

        weight: Annotated[float, LogUniform(1e-1, 1e5), Ge(0)] = 1e2
        """Multiplier of the penalty once it has set in. Before that it is 1."""
        anneal_steps: Annotated[int, Integers(0, 2000), Ge(0)] = 500
        """Steps before the penalty sets in, when Adam starts afresh."""

    config: Config

    @override
    def on_train_batch_start(self, batch: Any, batch_idx: int) -> None:
        if batch_idx == self.config.anneal_steps > 0:
            forget_moments(self)

    @override
    def loss(self, batch: Batch) -> Losses:
        logits = self.gather(self(batch.images))
        labels, environments = self.gather(batch.labels), self.gather(batch.environments)
        n = len(self.task.environments)
        parts = list(
            zip(split(logits, environments, n), split(labels, environments, n), strict=True)
        )
        risks = torch.stack([F.cross_entropy(*part) for part in parts])
        penalties = torch.stack([penalty(*part) for part in parts])
        weight = self.config.weight if batch.step >= self.config.anneal_steps else 1.0
        return {"cross_entropy": risks.mean(), "penalty": weight * penalties.mean()}


def penalty(logits: Float[Tensor, "b k"], labels: Int[Tensor, " b"]) -> Float[Tensor, ""]:
    """Multiply the gradients of two halves of the images. 0 for a single image."""
    if len(labels) < 2:
        return logits.sum() * 0.0
    factor = torch.ones((), device=logits.device, requires_grad=True)
    halves = [F.cross_entropy(logits[start::2] * factor, labels[start::2]) for start in range(2)]
    first, second = (torch.autograd.grad(half, factor, create_graph=True)[0] for half in halves)
    return first * second
