"""Risk extrapolation by the variance of risks."""

from dataclasses import dataclass
from typing import Annotated, Any

import torch.nn.functional as F
from typing_extensions import override

from baselines.environments import forget_moments, means
from dgbench.api import Batch, Ge, Integers, LogUniform, Losses, LossMethod


class VREx(LossMethod):
    """Ask for the same loss in every environment, by penalising its variance.

    A pattern that helps in some environments more than in others makes their losses differ.

    Reference: Krueger et al. 2021, Out-of-Distribution Generalization via Risk Extrapolation,
    arXiv 2003.00688.
    """

    uses = frozenset({"environments"})
    n_environments = 2
    batch_semantics = "global"

    @dataclass(frozen=True, kw_only=True)
    class Config(LossMethod.Config):
        """Hyper-parameters."""

        weight: Annotated[float, LogUniform(1e-1, 1e5), Ge(0)] = 10.0
        """Multiplier of the variance once it has set in; before, it is 1."""
        anneal_steps: Annotated[int, Integers(0, 2000), Ge(0)] = 500
        """Steps before the penalty sets in; Adam starts afresh then."""

    config: Config

    @override
    def on_train_batch_start(self, batch: Any, batch_idx: int) -> None:
        if batch_idx == self.config.anneal_steps > 0:
            forget_moments(self)

    @override
    def loss(self, batch: Batch) -> Losses:
        each = F.cross_entropy(self(batch.images), batch.labels, reduction="none")
        n = len(self.task.environments)
        risks = means(self.gather(each), self.gather(batch.environments), n)
        weight = self.config.weight if batch.step >= self.config.anneal_steps else 1.0
        return {
            "cross_entropy": risks.mean(),
            "variance": weight * (risks - risks.mean()).square().mean(),
        }
