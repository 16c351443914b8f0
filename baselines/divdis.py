"""DivDis: heads that are independent of one another on unlabelled images."""

from typing import Annotated

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor, nn
from typing_extensions import override

from dgbench.api import Batch, Ge, Integers, LogUniform, Losses, LossMethod, Paper, Task, UsageError

_LEAST = 1e-12
"""Smallest probability in a logarithm."""


class DivDis(LossMethod):
    """Train several heads that fit the labels, and share no information on unlabelled images.

    The heads read the same features. Where the patterns no longer go together, their predictions
    are made independent by their mutual information, and each head is kept from predicting one
    class only by the distance of its mean prediction from the labels' frequencies. The paper then
    picks a head by a few labels of the target. Here nobody has these: the prediction is the mean of
    all heads, or one of them (`head_index`), which needs an oracle to be the right one.
    """

    paper = Paper(
        title="Diversify and Disambiguate: Learning From Underspecified Data",
        authors=("Yoonho Lee", "Huaxiu Yao", "Chelsea Finn"),
        year=2023,
        url="https://arxiv.org/abs/2202.03418",
        code="https://github.com/yoonholee/DivDis",
    )
    uses = frozenset({"unlabelled_ood"})
    batch_semantics = "global"
    regularisation = ("weight", "weight_decay")

    class Config(LossMethod.Config):
        """Hyper-parameters."""

        n_heads: Annotated[int, Integers(2, 4), Ge(1)] = 2
        """Number of heads. 1 is ERM with a prior on its mean prediction."""
        weight: Annotated[float, LogUniform(1e-1, 1e2), Ge(0)] = 10.0
        """Multiplier of the mean mutual information over pairs of heads."""
        prior_weight: Annotated[float, LogUniform(1e-1, 1e2), Ge(0)] = 10.0
        """Multiplier of the distance of mean predictions from the frequencies of the labels."""
        head_index: Annotated[int, Ge(-1)] = -1
        """Which head predicts, counted from 0. -1 is the mean of their probabilities."""

        @override
        def check(self) -> None:
            if self.head_index >= self.n_heads:
                raise UsageError(
                    f"DivDis: head_index is {self.head_index}, but there are {self.n_heads} "
                    "heads, counted from 0."
                )

    config: Config
    label_counts: Tensor
    """Number of labels of each class so far, and one more."""

    def __init__(self, task: Task, config: Config | None = None) -> None:
        super().__init__(task, config)
        self.heads = nn.ModuleList(
            nn.Linear(task.n_features, task.n_classes) for _ in range(self.config.n_heads)
        )
        self.register_buffer("label_counts", torch.ones(task.n_classes))
        del self.head

    @override
    def forward(self, images: Float[Tensor, "b c h w"]) -> Float[Tensor, "b k"]:
        features = self.features(images)
        if self.config.head_index >= 0:
            return self.heads[self.config.head_index](features)
        return self._probabilities(features).mean(dim=0).clamp(min=_LEAST).log()

    @override
    def loss(self, batch: Batch) -> Losses:
        features = self.features(batch.images)
        losses = [F.cross_entropy(head(features), batch.labels) for head in self.heads]
        mine = self._probabilities(self.features(batch.unlabelled)).transpose(0, 1)
        everyone = self.gather(mine.flatten(1)).view(-1, *mine.shape[1:]).transpose(0, 1)
        self.label_counts += F.one_hot(self.gather(batch.labels), self.task.n_classes).sum(dim=0)
        prior = self.label_counts / self.label_counts.sum()
        return {
            "cross_entropy": torch.stack(losses).mean(),
            "information": self.config.weight * mutual_information(everyone),
            "prior": self.config.prior_weight * distance_from_prior(everyone, prior),
        }

    def _probabilities(self, features: Float[Tensor, "b d"]) -> Float[Tensor, "n b k"]:
        return torch.stack([F.softmax(head(features), dim=1) for head in self.heads])


def mutual_information(probabilities: Float[Tensor, "n b k"]) -> Float[Tensor, ""]:
    """Average over pairs of heads the mutual information of what they predict for one image."""
    n_heads, n_images, _ = probabilities.shape
    joint = torch.einsum("nbk,mbl->nmkl", probabilities, probabilities) / n_images
    alone = probabilities.mean(dim=1)
    apart = torch.einsum("nk,ml->nmkl", alone, alone)
    ratio = joint.clamp(min=_LEAST).log() - apart.clamp(min=_LEAST).log()
    by_pair = (joint * ratio).sum(dim=(2, 3))
    return (by_pair.sum() - by_pair.diagonal().sum()) / max(1, n_heads * (n_heads - 1))


def distance_from_prior(
    probabilities: Float[Tensor, "n b k"], prior: Float[Tensor, " k"]
) -> Float[Tensor, ""]:
    """Average over heads the divergence KL(mean prediction || prior)."""
    mean = probabilities.mean(dim=1).clamp(min=_LEAST)
    return (mean * (mean.log() - prior.log())).sum(dim=1).mean()
