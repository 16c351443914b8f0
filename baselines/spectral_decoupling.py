"""Spectral decoupling: keep one easy pattern from silencing the others."""

from typing import Annotated

import torch.nn.functional as F
from typing_extensions import override

from dgbench.api import Batch, Ge, LogUniform, Losses, LossMethod, Paper


class SpectralDecoupling(LossMethod):
    """Cross-entropy plus a penalty on the squared logits.

    Once one pattern has made a logit large, no gradient is left for others that would explain the
    label too. A penalty on the logit's size keeps that gradient alive and, where the network is
    close to linear, lets each pattern be learned at its own pace. The penalty is a mean over images
    and classes, as in the authors' code and in DomainBed, while the paper writes half the sum. It
    acts from the first step. For coloured digits the authors let it take over later.
    """

    paper = Paper(
        title="Gradient Starvation: A Learning Proclivity in Neural Networks",
        authors=(
            "Mohammad Pezeshki",
            "Sékou-Oumar Kaba",
            "Yoshua Bengio",
            "Aaron Courville",
            "Doina Precup",
            "Guillaume Lajoie",
        ),
        year=2021,
        url="https://arxiv.org/abs/2011.09468",
    )

    class Config(LossMethod.Config):
        """Hyper-parameters."""

        weight: Annotated[float, LogUniform(1e-5, 1e-1), Ge(0)] = 0.1
        """Multiplier of the mean squared logit. 0 is ERM."""

    config: Config

    @override
    def loss(self, batch: Batch) -> Losses:
        logits = self(batch.images)
        return {
            "cross_entropy": F.cross_entropy(logits, batch.labels),
            "penalty": self.config.weight * logits.square().mean(),
        }
