"""Representation self-challenging: mute the features that the prediction rests on."""

from dataclasses import dataclass
from typing import Annotated

import torch
import torch.nn.functional as F
from torch import Tensor
from typing_extensions import override

from dgbench.api import Batch, Ge, Losses, LossMethod, Lt, Uniform


class RSC(LossMethod):
    """Mute the features with the largest gradient, and classify with the rest.

    If the easy pattern sits in a few features, the others have to explain the label. Muted are the
    images whose confidence suffers most from it. As DomainBed has it, on the head's features; the
    paper mutes channels or places of the last convolution.

    Reference: Huang et al. 2020, Self-Challenging Improves Cross-Domain Generalization,
    arXiv 2007.02454.
    """

    batch_semantics = "global"

    @dataclass(frozen=True, kw_only=True)
    class Config(LossMethod.Config):
        """Hyper-parameters."""

        feature_share: Annotated[float, Uniform(0.0, 0.5), Ge(0), Lt(1)] = 1 / 3
        """Share of an image's features that are muted."""
        image_share: Annotated[float, Uniform(0.0, 0.5), Ge(0), Lt(1)] = 1 / 3
        """Share of the images whose features are muted."""

    config: Config

    @override
    def loss(self, batch: Batch) -> Losses:
        features = self.features(batch.images)
        muted = self._muted(features.detach(), batch.labels)
        logits = self.head(features.masked_fill(muted, 0.0))
        return {"cross_entropy": F.cross_entropy(logits, batch.labels)}

    def _muted(self, features: Tensor, labels: Tensor) -> Tensor:
        """Which features are muted in which image."""
        with torch.enable_grad():
            leaf = features.requires_grad_()
            logits = self.head(leaf)
            own = logits.gather(1, labels[:, None])
            gradient = torch.autograd.grad(own.sum(), leaf)[0]
        with torch.no_grad():
            bounds = torch.quantile(gradient, 1 - self.config.feature_share, dim=1, keepdim=True)
            is_large = gradient >= bounds
            before = F.softmax(logits, dim=1).gather(1, labels[:, None])
            after = F.softmax(self.head(leaf.masked_fill(is_large, 0.0)), dim=1)
            drop = (before - after.gather(1, labels[:, None]))[:, 0]
            suffers = drop >= torch.quantile(self.gather(drop), 1 - self.config.image_share)
            return is_large & suffers[:, None]
