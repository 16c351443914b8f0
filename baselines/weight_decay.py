"""Weight decay: cross-entropy with a pull of every weight towards zero."""

from typing import Annotated

import torch
import torch.nn.functional as F
from typing_extensions import override

from dgbench.api import Batch, Ge, LogUniform, Losses, LossMethod, Paper


class WeightDecay(LossMethod):
    """Cross-entropy with weight decay on all parameters, biases included.

    Where several patterns predict the class, small weights are reached by sharing the work among
    them, so decay may bring in a pattern that plain training leaves out. But it also prefers the
    one pattern that is loudest in the pixels, and says nothing about which patterns exist. The
    penalty's gradient passes through Adam, as in DomainBed. `decoupled` gives the paper's form.
    """

    paper = Paper(
        title="Decoupled Weight Decay Regularization",
        authors=("Ilya Loshchilov", "Frank Hutter"),
        year=2019,
        url="https://arxiv.org/abs/1711.05101",
    )

    class Config(LossMethod.Config):
        """Hyper-parameters."""

        weight_decay: Annotated[float, LogUniform(1e-6, 1e-2), Ge(0)] = 1e-2
        """Strength of the pull. 0 is ERM."""
        decoupled: bool = False
        """Shrink the weights beside Adam's step (AdamW) instead of adding the penalty's gradient to
        what Adam rescales. The pull is then multiplied by the learning rate and needs larger values
        than the search range holds."""

    config: Config

    @override
    def loss(self, batch: Batch) -> Losses:
        return {"cross_entropy": F.cross_entropy(self(batch.images), batch.labels)}

    @override
    def configure_optimizers(self) -> torch.optim.Optimizer:
        """Adam or AdamW over all parameters."""
        optimizer = torch.optim.AdamW if self.config.decoupled else torch.optim.Adam
        return optimizer(
            self.parameters(),
            lr=self.config.learning_rate,
            weight_decay=self.config.weight_decay,
            fused=self.device.type in ("cpu", "cuda"),
        )
