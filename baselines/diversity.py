"""Several heads that must not look at the same things."""

from dataclasses import dataclass
from typing import Annotated

import torch
import torch.nn.functional as F
from jaxtyping import Float, Int
from torch import Tensor, nn
from typing_extensions import override

from dgbench.api import Batch, Ge, Integers, LogUniform, Losses, LossMethod, Task, UsageError


class Diversity(LossMethod):
    """Train several classifiers whose gradients on shared features are told to disagree.

    Classifiers that are right for different reasons have different gradients; the penalty is the
    sum over pairs of the dot product of the gradients of the label's logit with respect to the
    features. The prediction is the mean of all heads, or one of them (`head_index`): picking the
    best one by test accuracy, as the paper also reports, needs an oracle. Heads are small networks,
    since the gradients of linear ones would not depend on the image.

    Reference: Teney et al. 2022, Evading the Simplicity Bias, arXiv 2105.05612.
    """

    @dataclass(frozen=True, kw_only=True)
    class Config(LossMethod.Config):
        """Hyper-parameters."""

        n_heads: Annotated[int, Integers(4, 32), Ge(1)] = 8
        """Number of classifiers; 1 is ERM with a deeper head."""
        weight: Annotated[float, LogUniform(1e-3, 1e1), Ge(0)] = 0.1
        """Multiplier of the mean penalty over pairs of heads."""
        head_index: Annotated[int, Ge(-1)] = -1
        """Which head predicts; -1 is the mean of their probabilities."""

        @override
        def __post_init__(self) -> None:
            super().__post_init__()
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
        each = torch.stack([F.softmax(head(features), dim=1) for head in self.heads])
        return each.mean(dim=0).clamp(min=1e-12).log()

    @override
    def loss(self, batch: Batch) -> Losses:
        features = self.features(batch.images)
        logits = [head(features) for head in self.heads]
        each = torch.stack([F.cross_entropy(found, batch.labels) for found in logits])
        gradients = [gradient_of_label(found, features, batch.labels) for found in logits]
        return {
            "cross_entropy": each.mean(),
            "alignment": self.config.weight * alignment(torch.stack(gradients)),
        }


def gradient_of_label(
    logits: Float[Tensor, "b k"], features: Float[Tensor, "b d"], labels: Int[Tensor, " b"]
) -> Float[Tensor, "b d"]:
    """The gradient of each label's logit with respect to its image's features."""
    own = logits.gather(1, labels[:, None]).sum()
    return torch.autograd.grad(own, features, create_graph=True)[0]


def alignment(gradients: Float[Tensor, "n b d"]) -> Float[Tensor, ""]:
    """The dot product of gradients, averaged over pairs of heads and over images."""
    products = torch.einsum("nbd,mbd->nm", gradients, gradients) / gradients.shape[1]
    n = len(gradients)
    return (products.sum() - products.diagonal().sum()) / max(1, n * (n - 1))
