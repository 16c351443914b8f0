"""Cross-entropy with strong weight decay."""

from dataclasses import dataclass
from typing import Annotated

import torch.nn.functional as F
from typing_extensions import override

from dgbench.api import Batch, Ge, LogUniform, Losses, LossMethod


class WeightDecay(LossMethod):
    """Cross-entropy with a penalty on large weights.

    A small network must spread what it knows over what it sees, which delays the moment when one
    pattern has silenced the others. The penalty is Adam's: it is added to the gradient.

    Reference: Krogh and Hertz 1991, A Simple Weight Decay Can Improve Generalization.
    """

    @dataclass(frozen=True, kw_only=True)
    class Config(LossMethod.Config):
        """Hyper-parameters."""

        weight_decay: Annotated[float, LogUniform(1e-6, 1e-1), Ge(0)] = 1e-2
        """Strength of the penalty; 0 is ERM."""

    config: Config

    @override
    def loss(self, batch: Batch) -> Losses:
        return {"cross_entropy": F.cross_entropy(self(batch.images), batch.labels)}
