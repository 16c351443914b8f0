"""Deep CORAL between training environments."""

from dataclasses import dataclass
from itertools import combinations
from typing import Annotated

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor
from typing_extensions import override

from baselines.environments import means, split
from dgbench.api import Batch, Ge, LogUniform, Losses, LossMethod


class CORAL(LossMethod):
    """Make the features of all environments alike in mean and covariance.

    As DomainBed has it: the mean squared difference of means plus that of covariances, averaged
    over pairs of environments. The paper aligns covariances of a source and a target.

    Reference: Sun and Saenko 2016, Deep CORAL, arXiv 1607.01719.
    """

    uses = frozenset({"environments"})
    n_environments = 2
    batch_semantics = "global"

    @dataclass(frozen=True, kw_only=True)
    class Config(LossMethod.Config):
        """Hyper-parameters."""

        weight: Annotated[float, LogUniform(1e-1, 1e1), Ge(0)] = 1.0
        """Multiplier of the distance."""

    config: Config

    @override
    def loss(self, batch: Batch) -> Losses:
        features = self.features(batch.images)
        each = F.cross_entropy(self.head(features), batch.labels, reduction="none")
        environments, n = self.gather(batch.environments), len(self.task.environments)
        pairs = list(combinations(split(self.gather(features), environments, n), 2))
        distances = [distance(a, b) for a, b in pairs] or [features.sum() * 0.0]
        return {
            "cross_entropy": means(self.gather(each), environments, n).mean(),
            "distance": self.config.weight * torch.stack(distances).mean(),
        }


def distance(a: Float[Tensor, "n d"], b: Float[Tensor, "m d"]) -> Float[Tensor, ""]:
    """Between means and covariances."""
    means_apart = (a.mean(dim=0) - b.mean(dim=0)).square().mean()
    return means_apart + (_covariance(a) - _covariance(b)).square().mean()


def _covariance(features: Float[Tensor, "n d"]) -> Float[Tensor, "d d"]:
    centred = features - features.mean(dim=0)
    return centred.T @ centred / max(1, len(features) - 1)
