"""Dropout: classify from a random part of the features."""

from dataclasses import dataclass
from typing import Annotated

import torch.nn.functional as F
from typing_extensions import override

from dgbench.api import Batch, Choice, Ge, Losses, LossMethod, Lt


class Dropout(LossMethod):
    """Cross-entropy on features of which a random part is set to zero.

    No feature can be relied on, so that the class must be readable from many. That spreads one
    pattern over several features as readily as it brings in a second pattern: features that are
    copies of each other satisfy it. It is applied to the features that the head sees and nowhere
    else, by random numbers that belong to the image.

    Reference: Hinton et al. 2012, arXiv 1207.0580.
    """

    @dataclass(frozen=True, kw_only=True)
    class Config(LossMethod.Config):
        """Hyper-parameters."""

        probability: Annotated[float, Choice(0.1, 0.5), Ge(0), Lt(1)] = 0.5
        """Chance of each feature to be dropped, in [0, 1); 0 is ERM."""

    config: Config

    @override
    def loss(self, batch: Batch) -> Losses:
        z = self.features(batch.images)
        is_kept = batch.uniform("dropout", z.shape[1]) >= self.config.probability
        # Scaled, so that the head sees the same mean as in evaluation.
        logits = self.head(z * is_kept / (1 - self.config.probability))
        return {"cross_entropy": F.cross_entropy(logits, batch.labels)}
