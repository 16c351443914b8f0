"""Learning from failure."""

import copy
from typing import Annotated

import torch
import torch.nn.functional as F
from jaxtyping import Float, Int
from torch import Tensor
from typing_extensions import override

from dgbench.api import Batch, Choice, Gt, Le, Losses, LossMethod, Lt, Paper, Task, Uniform


class LfF(LossMethod):
    """Train a biased network on what is easy, and a second one on what the first finds hard.

    The biased network's loss (generalised cross-entropy) trusts what it already predicts well. The
    second network gives each image the biased loss's share of the sum of both losses as its weight.
    Both losses are smoothed over visits and divided by their largest value in the class. Where
    every training image shows the easy pattern there are no counter-examples to give weight to, so
    the method is expected to fail at predictivity 1.
    """

    paper = Paper(
        title="Learning from Failure: Training Debiased Classifier from Biased Classifier",
        authors=("Junhyun Nam", "Hyuntak Cha", "Sungsoo Ahn", "Jaeho Lee", "Jinwoo Shin"),
        year=2020,
        url="https://arxiv.org/abs/2007.02561",
        code="https://github.com/alinlab/LfF",
    )
    batch_semantics = "global"

    class Config(LossMethod.Config):
        """Hyper-parameters."""

        q: Annotated[float, Uniform(0.3, 0.9), Gt(0), Le(1)] = 0.7
        """Exponent of the generalised cross-entropy, which tends to cross-entropy towards 0."""
        smoothing: Annotated[float, Choice(0.5, 0.7, 0.9), Gt(0), Lt(1)] = 0.7
        """Share of the earlier value in an image's smoothed loss."""

    config: Config
    smoothed: Tensor
    """Smoothed losses of the biased and the other network, by training image."""
    labels: Tensor
    """The label of each training image that was seen, -1 for the others."""

    def __init__(self, task: Task, config: Config | None = None) -> None:
        super().__init__(task, config)
        self.biased_network = task.new_network()
        self.biased_head = copy.deepcopy(self.head)
        self.biased_head.reset_parameters()
        self.register_buffer("smoothed", torch.zeros(2, task.n_train))
        self.register_buffer("labels", torch.full((task.n_train,), -1))

    @override
    def loss(self, batch: Batch) -> Losses:
        biased = self.biased_head(self.biased_network(batch.images))
        losses = F.cross_entropy(self(batch.images), batch.labels, reduction="none")
        biased_losses = F.cross_entropy(biased, batch.labels, reduction="none")
        weights = self._weights(batch, torch.stack([biased_losses, losses]).detach())
        trust = torch.softmax(biased, dim=1).gather(1, batch.labels[:, None])[:, 0].detach()
        return {
            "biased": (self.config.q * trust**self.config.q * biased_losses).mean(),
            "cross_entropy": (weights * losses).mean(),
        }

    @torch.no_grad()
    def _weights(self, batch: Batch, losses: Float[Tensor, "2 b"]) -> Float[Tensor, " b"]:
        index, labels = self.gather(batch.index), self.gather(batch.labels)
        before = self.smoothed[:, index]
        losses = self.gather(losses.T.contiguous()).T
        share = self.config.smoothing
        self.smoothed[:, index] = share * before + (1 - share) * losses
        self.labels[index] = labels
        mine = self.smoothed[:, batch.index]
        biased, other = mine / self._largest(batch.labels).clamp(min=1e-8)
        return biased / (biased + other + 1e-8)

    def _largest(self, labels: Int[Tensor, " b"]) -> Float[Tensor, "2 b"]:
        """Find the largest smoothed losses in the class of each image."""
        largest = torch.stack(
            [
                torch.where(self.labels == label, self.smoothed, 0.0).amax(dim=1)
                for label in range(self.task.n_classes)
            ],
            dim=1,
        )
        return largest[:, labels]
