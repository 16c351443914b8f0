"""The focal loss: easy samples count for less."""

from typing import Annotated

import torch
from typing_extensions import override

from dgbench.api import Batch, Ge, Losses, LossMethod, Paper, Uniform


class Focal(LossMethod):
    """Cross-entropy in which a sample counts less the better it is predicted.

    Once the easy pattern explains a sample, that sample is nearly left out. Where every sample
    shows the easy pattern, all are left out alike, and nothing is gained: an example, no proposal.
    """

    paper = Paper(
        title="Focal Loss for Dense Object Detection",
        authors=("Tsung-Yi Lin", "Priya Goyal", "Ross Girshick", "Kaiming He", "Piotr Dollár"),
        year=2017,
        url="https://arxiv.org/abs/1708.02002",
    )

    class Config(LossMethod.Config):
        """Hyper-parameters."""

        focus: Annotated[float, Uniform(0.0, 5.0), Ge(0)] = 2.0
        """How fast the weight falls as a sample is predicted better. 0 is ERM."""

    config: Config

    @override
    def loss(self, batch: Batch) -> Losses:
        log_p = torch.log_softmax(self(batch.images), dim=1)
        log_p_label = log_p.gather(1, batch.labels[:, None]).squeeze(1)
        weight = (1 - log_p_label.exp()).clamp(min=0) ** self.config.focus
        return {"focal": -(weight * log_p_label).mean()}
