"""Rich features: the features of several networks side by side."""

from typing import Annotated

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor, nn
from typing_extensions import override

from dgbench.api import Batch, Ge, Integers, Losses, LossMethod, Paper, Task


class RichFeatures(LossMethod):
    """Train several networks from different first weights, and classify by all their features.

    Networks that differ in their first weights may find different patterns, so that together they
    hold more than one of them does. Each is trained as ERM with a head of its own, and one more
    head reads the features of all without changing them. The paper trains that head afterwards.
    Here it learns at the same time. Where every network finds the same easy pattern, nothing is
    gained.
    """

    paper = Paper(
        title="Learning useful representations for shifting tasks and distributions",
        authors=("Jianyu Zhang", "Léon Bottou"),
        year=2023,
        url="https://arxiv.org/abs/2212.07346",
    )
    regularisation = ("n_networks", "weight_decay")

    class Config(LossMethod.Config):
        """Hyper-parameters."""

        n_networks: Annotated[int, Integers(2, 8), Ge(1)] = 4
        """Number of networks, by which the cost of a step grows too. 1 is ERM with two heads."""

    config: Config

    def __init__(self, task: Task, config: Config | None = None) -> None:
        super().__init__(task, config)
        n_networks = self.config.n_networks
        self.networks = nn.ModuleList([self.network])
        self.networks.extend(task.new_network() for _ in range(n_networks - 1))
        self.heads = nn.ModuleList(
            nn.Linear(task.n_features, task.n_classes) for _ in range(n_networks)
        )
        del self.network
        self.head = nn.Linear(n_networks * task.n_features, task.n_classes)

    @override
    def features(self, images: Float[Tensor, "b c h w"]) -> Float[Tensor, "b d"]:
        return torch.cat([network(images) for network in self.networks], dim=1)

    @override
    def loss(self, batch: Batch) -> Losses:
        features = self.features(batch.images)
        parts = features.chunk(self.config.n_networks, dim=1)
        alone = [
            F.cross_entropy(head(part), batch.labels)
            for head, part in zip(self.heads, parts, strict=True)
        ]
        # A sum, so that each network learns as fast as it would alone.
        return {
            "alone": torch.stack(alone).sum(),
            "cross_entropy": F.cross_entropy(self.head(features.detach()), batch.labels),
        }
