"""Mixup of images and labels."""

from dataclasses import dataclass
from typing import Annotated

import torch.nn.functional as F
from torchvision.transforms import v2
from typing_extensions import override

from dgbench.api import Batch, Gt, LogUniform, Losses, LossMethod


class Mixup(LossMethod):
    """Train on weighted means of two images, with the same mean of their labels.

    Between two classes every pattern is mixed alike, so mixing alone prefers none of them. One
    weight is drawn from Beta(alpha, alpha) for each batch and device, and each image is mixed with
    the one before it, which the shuffled order makes a random one.

    Reference: Zhang et al. 2018, mixup, arXiv 1710.09412.
    """

    batch_semantics = "local"

    @dataclass(frozen=True, kw_only=True)
    class Config(LossMethod.Config):
        """Hyper-parameters."""

        alpha: Annotated[float, LogUniform(1e-1, 1e1), Gt(0)] = 0.2
        """Both parameters of the beta distribution: small leaves most batches nearly unmixed."""

    config: Config

    @override
    def loss(self, batch: Batch) -> Losses:
        mix = v2.MixUp(alpha=self.config.alpha, num_classes=self.task.n_classes)
        images, labels = mix(batch.images, batch.labels)
        return {"cross_entropy": F.cross_entropy(self(images), labels)}
