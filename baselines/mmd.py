"""Maximum mean discrepancy between training environments."""

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

_WIDTHS = (0.001, 0.01, 0.1, 1.0, 10.0, 100.0, 1000.0)
"""Factors of the squared distance in the kernels that are added up."""


class MMD(LossMethod):
    """Make the features of all environments alike in distribution, by Gaussian kernels.

    The squared maximum mean discrepancy, with DomainBed's kernels, averaged over pairs of
    environments. DomainBed takes the biased estimate, which is smallest where all features coincide
    and with few images an environment makes them do so; this is the unbiased one. The paper adds an
    adversary and a prior on the features.

    Reference: Li et al. 2018, Domain Generalization With Adversarial Feature Learning, CVPR.
    """

    uses = frozenset({"environments"})
    n_environments = 2
    batch_semantics = "global"

    @dataclass(frozen=True, kw_only=True)
    class Config(LossMethod.Config):
        """Hyper-parameters."""

        weight: Annotated[float, LogUniform(1e-1, 1e1), Ge(0)] = 1.0
        """Multiplier of the discrepancy."""

    config: Config

    @override
    def loss(self, batch: Batch) -> Losses:
        features = self.features(batch.images)
        each = F.cross_entropy(self.head(features), batch.labels, reduction="none")
        environments, n = self.gather(batch.environments), len(self.task.environments)
        pairs = list(combinations(split(self.gather(features), environments, n), 2))
        found = [discrepancy(a, b) for a, b in pairs] or [features.sum() * 0.0]
        return {
            "cross_entropy": means(self.gather(each), environments, n).mean(),
            "discrepancy": self.config.weight * torch.stack(found).mean(),
        }


def discrepancy(a: Float[Tensor, "n d"], b: Float[Tensor, "m d"]) -> Float[Tensor, ""]:
    """The unbiased estimate of the squared maximum mean discrepancy; it may be below 0."""
    return _among(a) + _among(b) - 2 * _kernel(a, b).mean()


def _among(features: Float[Tensor, "n d"]) -> Float[Tensor, ""]:
    """The mean kernel of different samples, 0 for a single one."""
    kernel, n = _kernel(features, features), len(features)
    return (kernel.sum() - kernel.diagonal().sum()) / max(1, n * (n - 1))


def _kernel(a: Float[Tensor, "n d"], b: Float[Tensor, "m d"]) -> Float[Tensor, "n m"]:
    lengths = a.square().sum(dim=1)[:, None] + b.square().sum(dim=1)[None, :]
    squared = (lengths - 2 * a @ b.T).clamp(min=0)
    return torch.stack([torch.exp(-width * squared) for width in _WIDTHS]).sum(dim=0)
