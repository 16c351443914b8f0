"""Deep CORAL between training environments."""

from typing import Annotated

import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor
from typing_extensions import override

from baselines.environments import mean_over_pairs, means
from dgbench.api import Batch, Ge, LogUniform, Losses, LossMethod, Paper


class CORAL(LossMethod):
    """Make the features of all environments alike in mean and covariance.

    The distance follows DomainBed: the mean squared difference of means plus that of covariances,
    averaged over pairs of environments. The paper aligns the covariances of a source and a target.
    """

    paper = Paper(
        title="Deep CORAL: Correlation Alignment for Deep Domain Adaptation",
        authors=("Baochen Sun", "Kate Saenko"),
        year=2016,
        url="https://arxiv.org/abs/1607.01719",
    )
    uses = frozenset({"environments"})
    n_environments = 2
    batch_semantics = "global"

    class Config(LossMethod.Config):
        """Hyper-parameters."""

        weight: Annotated[float, LogUniform(1e-1, 1e1), Ge(0)] = 1.0
        """Multiplier of the distance."""

    config: Config

    @override
    def loss(self, batch: Batch) -> Losses:
        features = self.features(batch.images)
        losses = F.cross_entropy(self.head(features), batch.labels, reduction="none")
        environments, n = self.gather(batch.environments), len(self.task.environments)
        features = self.gather(features)
        return {
            "cross_entropy": means(self.gather(losses), environments, n).mean(),
            "distance": self.config.weight * mean_over_pairs(distance, features, environments, n=n),
        }


def distance(a: Float[Tensor, "n d"], b: Float[Tensor, "m d"]) -> Float[Tensor, ""]:
    """Add the mean squared differences of means and of covariances."""
    means_apart = (a.mean(dim=0) - b.mean(dim=0)).square().mean()
    return means_apart + (_covariance(a) - _covariance(b)).square().mean()


def _covariance(features: Float[Tensor, "n d"]) -> Float[Tensor, "d d"]:
    centred = features - features.mean(dim=0)
    return centred.T @ centred / max(1, len(features) - 1)
