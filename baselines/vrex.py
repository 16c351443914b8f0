"""Risk extrapolation by the variance of risks."""

from typing import Annotated, Any

import torch.nn.functional as F
from typing_extensions import override

from baselines.environments import forget_moments, means
from dgbench.api import Batch, Ge, Integers, LogUniform, Losses, LossMethod, Paper


class VREx(LossMethod):
    """Ask for the same loss in every environment, by penalising its variance.

    A pattern that helps in some environments more than in others makes their losses differ.
    """

    paper = Paper(
        title="Out-of-Distribution Generalization via Risk Extrapolation (REx)",
        authors=(
            "David Krueger",
            "Ethan Caballero",
            "Joern-Henrik Jacobsen",
            "Amy Zhang",
            "Jonathan Binas",
            "Dinghuai Zhang",
            "Remi Le Priol",
            "Aaron Courville",
        ),
        year=2021,
        url="https://arxiv.org/abs/2003.00688",
    )
    uses = frozenset({"environments"})
    n_environments = 2
    batch_semantics = "global"

    class Config(LossMethod.Config):
        """Hyper-parameters."""

        weight: Annotated[float, LogUniform(1e-1, 1e5), Ge(0)] = 10.0
        """Multiplier of the variance once it has set in. Before that it is 1."""
        anneal_steps: Annotated[int, Integers(0, 2000), Ge(0)] = 500
        """Steps before the penalty sets in, when Adam starts afresh."""

    config: Config

    @override
    def on_train_batch_start(self, batch: Any, batch_idx: int) -> None:
        if batch_idx == self.config.anneal_steps > 0:
            forget_moments(self)

    @override
    def loss(self, batch: Batch) -> Losses:
        losses = F.cross_entropy(self(batch.images), batch.labels, reduction="none")
        n = len(self.task.environments)
        risks = means(self.gather(losses), self.gather(batch.environments), n)
        weight = self.config.weight if batch.step >= self.config.anneal_steps else 1.0
        return {
            "cross_entropy": risks.mean(),
            "variance": weight * (risks - risks.mean()).square().mean(),
        }
