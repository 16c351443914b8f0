"""Spectral decoupling: keep one easy pattern from silencing the others."""

from dataclasses import dataclass
from typing import Annotated

import torch.nn.functional as F
from typing_extensions import override

from dgbench.api import Batch, Ge, LogUniform, Losses, LossMethod


class SpectralDecoupling(LossMethod):
    """Cross-entropy plus a penalty on the squared logits.

    Once one pattern has saturated a logit, no gradient is left for the others that would also
    explain the label. Penalising the logit's size keeps that gradient alive. As DomainBed has it,
    without the paper's per-class targets.

    Reference: Pezeshki et al. 2021, Gradient Starvation, arXiv 2011.09468.
    """

    @dataclass(frozen=True, kw_only=True)
    class Config(LossMethod.Config):
        """Hyper-parameters."""

        weight: Annotated[float, LogUniform(1e-5, 1e-1), Ge(0)] = 0.1
        """Multiplier of the mean squared logit; 0 is ERM."""

    config: Config

    @override
    def loss(self, batch: Batch) -> Losses:
        logits = self(batch.images)
        return {
            "cross_entropy": F.cross_entropy(logits, batch.labels),
            "penalty": self.config.weight * logits.square().mean(),
        }
