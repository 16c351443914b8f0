"""Maximum mean discrepancy between training environments."""

from typing import Annotated

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor
from typing_extensions import override

from baselines.environments import mean_over_pairs, means
from dgbench.api import Batch, Ge, LogUniform, Losses, LossMethod, Paper

_WIDTHS = (0.001, 0.01, 0.1, 1.0, 10.0, 100.0, 1000.0)
"""Factors of the squared distance in the kernels, which are added up."""


class MMD(LossMethod):
    """Make the features of all environments alike in distribution, by Gaussian kernels.

    The penalty is the squared maximum mean discrepancy with DomainBed's kernels, averaged over
    pairs of environments. DomainBed takes the biased estimate. It is smallest where all features
    coincide, and with few images in an environment it drives them there, so the unbiased estimate
    is used here. The paper adds an adversary and a prior on the features.
    """

    paper = Paper(
        title="Domain Generalization with Adversarial Feature Learning",
        authors=("Haoliang Li", "Sinno Jialin Pan", "Shiqi Wang", "Alex C. Kot"),
        year=2018,
    )
    uses = frozenset({"environments"})
    n_environments = 2
    batch_semantics = "global"

    class Config(LossMethod.Config):
        """Hyper-parameters."""

        weight: Annotated[float, LogUniform(1e-1, 1e1), Ge(0)] = 1.0
        """Multiplier of the discrepancy."""

    config: Config

    @override
    def loss(self, batch: Batch) -> Losses:
        features = self.features(batch.images)
        losses = F.cross_entropy(self.head(features), batch.labels, reduction="none")
        environments, n = self.gather(batch.environments), len(self.task.environments)
        features = self.gather(features)
        return {
            "cross_entropy": means(self.gather(losses), environments, n).mean(),
            "discrepancy": self.config.weight
            * mean_over_pairs(discrepancy, features, environments, n=n),
        }


def discrepancy(a: Float[Tensor, "n d"], b: Float[Tensor, "m d"]) -> Float[Tensor, ""]:
    """Estimate the squared maximum mean discrepancy without bias, so possibly below 0."""
    return _among(a) + _among(b) - 2 * _kernel(a, b).mean()


def _among(features: Float[Tensor, "n d"]) -> Float[Tensor, ""]:
    """The mean kernel of different samples, 0 for a single one."""
    kernel, n = _kernel(features, features), len(features)
    return (kernel.sum() - kernel.diagonal().sum()) / max(1, n * (n - 1))


def _kernel(a: Float[Tensor, "n d"], b: Float[Tensor, "m d"]) -> Float[Tensor, "n m"]:
    lengths = a.square().sum(dim=1)[:, None] + b.square().sum(dim=1)[None, :]
    squared = (lengths - 2 * a @ b.T).clamp(min=0)
    return torch.stack([torch.exp(-width * squared) for width in _WIDTHS]).sum(dim=0)
