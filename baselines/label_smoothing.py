"""Label smoothing: aim at probabilities a little short of certainty."""

from typing import Annotated

import torch.nn.functional as F
from typing_extensions import override

from dgbench.api import Batch, Choice, Ge, Losses, LossMethod, Lt, Paper


class LabelSmoothing(LossMethod):
    """Cross-entropy with labels that give every class a small share.

    The best logits are finite, so one pattern cannot drive the loss to zero and a gradient is left
    for others. But once one pattern meets the finite target, nothing asks for a second, and images
    of a class are drawn together, which tends to erase what else they show.
    """

    paper = Paper(
        title="Rethinking the Inception Architecture for Computer Vision",
        authors=(
            "Christian Szegedy",
            "Vincent Vanhoucke",
            "Sergey Ioffe",
            "Jonathon Shlens",
            "Zbigniew Wojna",
        ),
        year=2015,
        url="https://arxiv.org/abs/1512.00567",
    )

    class Config(LossMethod.Config):
        """Hyper-parameters."""

        smoothing: Annotated[float, Choice(0.05, 0.1, 0.2), Ge(0), Lt(1)] = 0.1
        """Probability that is spread evenly over all classes, in [0, 1). 0 is ERM."""

    config: Config

    @override
    def loss(self, batch: Batch) -> Losses:
        logits = self(batch.images)
        smoothing = self.config.smoothing
        return {
            "cross_entropy": F.cross_entropy(logits, batch.labels, label_smoothing=smoothing),
        }
