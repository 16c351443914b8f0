"""Fishr: the same gradient variance in every environment."""

from typing import Annotated, Any

import torch
import torch.nn.functional as F
from jaxtyping import Float, Int
from torch import Tensor
from typing_extensions import override

from baselines.environments import forget_moments, means, present, split
from dgbench.api import (
    Batch,
    Ge,
    Integers,
    LogUniform,
    Losses,
    LossMethod,
    Lt,
    Paper,
    Task,
    Uniform,
)


class Fishr(LossMethod):
    """Ask for the same spread of the head's gradients in every environment.

    The variance over images of the gradient of the loss with respect to the head is smoothed over
    steps, and its distance from the mean over environments is penalised. For a linear head under
    cross-entropy the gradient of one image is (probabilities - one-hot) times its features, so it
    is written down instead of computed image by image. The smoothed variance gives the present step
    a weight of 1 - smoothing, and its penalty is divided by that, as in the authors' code.
    """

    paper = Paper(
        title="Fishr: Invariant Gradient Variances for Out-of-Distribution Generalization",
        authors=("Alexandre Ramé", "Corentin Dancette", "Matthieu Cord"),
        year=2022,
        url="https://arxiv.org/abs/2109.02934",
    )
    uses = frozenset({"environments"})
    n_environments = 2
    batch_semantics = "global"

    class Config(LossMethod.Config):
        """Hyper-parameters."""

        weight: Annotated[float, LogUniform(1e1, 1e4), Ge(0)] = 1e3
        """Multiplier of the penalty once it has set in. Before that it is 0."""
        anneal_steps: Annotated[int, Integers(0, 2500), Ge(0)] = 1500
        """Steps before the penalty sets in, when Adam starts afresh."""
        smoothing: Annotated[float, Uniform(0.9, 0.99), Ge(0), Lt(1)] = 0.95
        """Share of the earlier steps in the smoothed variance."""

    config: Config
    variances: Tensor
    """Smoothed variance of each environment."""

    def __init__(self, task: Task, config: Config | None = None) -> None:
        super().__init__(task, config)
        n = len(task.environments)
        self.register_buffer("variances", torch.zeros(n, task.n_classes * (task.n_features + 1)))

    @override
    def on_train_batch_start(self, batch: Any, batch_idx: int) -> None:
        if batch_idx == self.config.anneal_steps > 0:
            forget_moments(self)

    @override
    def loss(self, batch: Batch) -> Losses:
        features = self.features(batch.images)
        logits = self.head(features)
        losses = F.cross_entropy(logits, batch.labels, reduction="none")
        gradients = head_gradients(features, logits, batch.labels)
        environments, n = self.gather(batch.environments), len(self.task.environments)
        seen = present(environments, n)
        parts = split(self.gather(gradients), environments, n)
        smoothed = self._smoothed(torch.stack([variance(part) for part in parts]), seen)
        penalty = (smoothed - smoothed.mean(dim=0)).square().mean(dim=1).mean()
        weight = self.config.weight if batch.step >= self.config.anneal_steps else 0.0
        return {
            "cross_entropy": means(self.gather(losses), environments, n).mean(),
            "penalty": weight * penalty,
        }

    def _smoothed(self, now: Float[Tensor, "e p"], seen: Int[Tensor, " e"]) -> Float[Tensor, "e p"]:
        share = self.config.smoothing
        smoothed = share * self.variances[seen] + (1 - share) * now
        self.variances[seen] = smoothed.detach()
        return smoothed / (1 - share)


def head_gradients(
    features: Float[Tensor, "b d"], logits: Float[Tensor, "b k"], labels: Int[Tensor, " b"]
) -> Float[Tensor, "b p"]:
    """Differentiate each image's cross-entropy with respect to weights and bias of the head."""
    errors = torch.softmax(logits, dim=1) - F.one_hot(labels, logits.shape[1])
    inputs = torch.cat([features, torch.ones_like(features[:, :1])], dim=1)
    return (errors[:, :, None] * inputs[:, None, :]).flatten(1)


def variance(gradients: Float[Tensor, "b p"]) -> Float[Tensor, " p"]:
    """Compute the variance of each gradient over images."""
    return (gradients - gradients.mean(dim=0)).square().mean(dim=0)
