"""Cross-entropy with smoothed labels."""

from dataclasses import dataclass
from typing import Annotated

import torch.nn.functional as F
from typing_extensions import override

from dgbench.api import Batch, Choice, Ge, Losses, LossMethod, Lt


class LabelSmoothing(LossMethod):
    """Ask for less than certainty, so that the loss never becomes zero.

    A gradient is left when the easy pattern already predicts every label. Smoothing also draws
    samples of a class together (Mueller et al. 2019), which hides what differs inside it.

    Reference: Szegedy et al. 2016, Rethinking the Inception Architecture, arXiv 1512.00567.
    """

    @dataclass(frozen=True, kw_only=True)
    class Config(LossMethod.Config):
        """Hyper-parameters."""

        smoothing: Annotated[float, Choice(0.05, 0.1, 0.2), Ge(0), Lt(1)] = 0.1
        """Probability that is spread evenly over all classes; 0 is ERM."""

    config: Config

    @override
    def loss(self, batch: Batch) -> Losses:
        logits = self(batch.images)
        smoothing = self.config.smoothing
        return {"cross_entropy": F.cross_entropy(logits, batch.labels, label_smoothing=smoothing)}
