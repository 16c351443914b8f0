"""Dropout: classify from a random part of the features."""

from typing import Annotated

import torch.nn.functional as F
from typing_extensions import override

from dgbench.api import Batch, Choice, Ge, Losses, LossMethod, Lt, Paper


class Dropout(LossMethod):
    """Cross-entropy on features of which a random part is set to zero.

    No feature can be relied on, so the class must be readable from many of them. That spreads one
    pattern over several features as readily as it brings in a second pattern: features that are
    copies of each other satisfy it. Dropout is applied only to the features that the head sees,
    with random numbers that belong to the image.
    """

    paper = Paper(
        title="Improving neural networks by preventing co-adaptation of feature detectors",
        authors=(
            "Geoffrey E. Hinton",
            "Nitish Srivastava",
            "Alex Krizhevsky",
            "Ilya Sutskever",
            "Ruslan R. Salakhutdinov",
        ),
        year=2012,
        url="https://arxiv.org/abs/1207.0580",
    )

    class Config(LossMethod.Config):
        """Hyper-parameters."""

        probability: Annotated[float, Choice(0.1, 0.5), Ge(0), Lt(1)] = 0.5
        """Chance that a feature is dropped, in [0, 1). 0 is ERM."""

    config: Config

    @override
    def loss(self, batch: Batch) -> Losses:
        z = self.features(batch.images)
        is_kept = batch.uniform("dropout", z.shape[1]) >= self.config.probability
        # Scaled, so that the head sees the same mean as in evaluation.
        logits = self.head(z * is_kept / (1 - self.config.probability))
        return {"cross_entropy": F.cross_entropy(logits, batch.labels)}
