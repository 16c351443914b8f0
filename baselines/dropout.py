"""Dropout on the features."""

from dataclasses import dataclass
from typing import Annotated

import torch.nn.functional as F
from typing_extensions import override

from dgbench.api import Batch, Choice, Ge, Losses, LossMethod, Lt


class Dropout(LossMethod):
    """Drop features at random while training.

    The head cannot rely on a few features. If many carry the easy pattern nothing is gained.

    Reference: Srivastava et al. 2014, Dropout, JMLR 15.
    """

    @dataclass(frozen=True, kw_only=True)
    class Config(LossMethod.Config):
        """Hyper-parameters."""

        rate: Annotated[float, Choice(0.1, 0.3, 0.5, 0.7), Ge(0), Lt(1)] = 0.5
        """Share of the features that are dropped; 0 is ERM."""

    config: Config

    @override
    def loss(self, batch: Batch) -> Losses:
        features = self.features(batch.images)
        # Not F.dropout: numbers keyed by image are the same on any number of devices.
        is_kept = batch.uniform("dropout", features.shape[1]) >= self.config.rate
        logits = self.head(features * is_kept / (1 - self.config.rate))
        return {"cross_entropy": F.cross_entropy(logits, batch.labels)}
