"""Diversity: several heads that must not look at the same things."""

from typing import Annotated

import torch
import torch.nn.functional as F
from jaxtyping import Float, Int
from torch import Tensor, nn
from typing_extensions import override

from dgbench.api import Batch, Ge, Integers, LogUniform, Losses, LossMethod, Paper, Task, UsageError


class Diversity(LossMethod):
    """Train several classifiers whose gradients on shared features are made to disagree.

    Classifiers that are right for different reasons have different gradients. The penalty is the
    dot product of the gradients of the label's logit with respect to the features, averaged over
    pairs of classifiers. The prediction is the mean of all heads, or one of them (`head_index`).
    Picking the best head by test accuracy, as the paper also reports, needs an oracle. The heads
    are small networks, since the gradient of a linear head would not depend on the image.
    """

    paper = Paper(
        title="Evading the Simplicity Bias: Training a Diverse Set of Models Discovers "
        "Solutions with Superior OOD Generalization",
        authors=("Damien Teney", "Ehsan Abbasnejad", "Simon Lucey", "Anton van den Hengel"),
        year=2022,
        url="https://arxiv.org/abs/2105.05612",
    )

    class Config(LossMethod.Config):
        """Hyper-parameters."""

        n_heads: Annotated[int, Integers(4, 32), Ge(1)] = 8
        """Number of classifiers. 1 is ERM with a deeper head."""
        weight: Annotated[float, LogUniform(1e-3, 1e1), Ge(0)] = 0.1
        """Multiplier of the mean penalty over pairs of heads."""
        head_index: Annotated[int, Ge(-1)] = -1
        """Which head predicts, counted from 0. -1 is the mean of their probabilities."""

        @override
        def check(self) -> None:
            if self.head_index >= self.n_heads:
                raise UsageError(
                    f"Diversity: head_index is {self.head_index}, but there are {self.n_heads} "
                    "heads, counted from 0."
                )

    config: Config

    def __init__(self, task: Task, config: Config | None = None) -> None:
        super().__init__(task, config)
        self.heads = nn.ModuleList(
            nn.Sequential(nn.Linear(task.n_features, 32), nn.ReLU(), nn.Linear(32, task.n_classes))
            for _ in range(self.config.n_heads)
        )
        del self.head

    @override
    def forward(self, images: Float[Tensor, "b c h w"]) -> Float[Tensor, "b k"]:
        features = self.features(images)
        if self.config.head_index >= 0:
            return self.heads[self.config.head_index](features)
        probabilities = torch.stack([F.softmax(head(features), dim=1) for head in self.heads])
        return probabilities.mean(dim=0).clamp(min=1e-12).log()

    @override
    def loss(self, batch: Batch) -> Losses:
        features = self.features(batch.images)
        logits = [head(features) for head in self.heads]
        losses = torch.stack([F.cross_entropy(row, batch.labels) for row in logits])
        gradients = [gradient_of_label(row, features, batch.labels) for row in logits]
        return {
            "cross_entropy": losses.mean(),
            "alignment": self.config.weight * alignment(torch.stack(gradients)),
        }


def gradient_of_label(
    logits: Float[Tensor, "b k"], features: Float[Tensor, "b d"], labels: Int[Tensor, " b"]
) -> Float[Tensor, "b d"]:
    """Differentiate each label's logit with respect to its image's features."""
    own = logits.gather(1, labels[:, None]).sum()
    return torch.autograd.grad(own, features, create_graph=True)[0]


def alignment(gradients: Float[Tensor, "n b d"]) -> Float[Tensor, ""]:
    """Average the dot product of gradients over pairs of heads and over images."""
    products = torch.einsum("nbd,mbd->nm", gradients, gradients) / gradients.shape[1]
    n = len(gradients)
    return (products.sum() - products.diagonal().sum()) / max(1, n * (n - 1))
