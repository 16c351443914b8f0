"""Group distributionally robust optimisation over environments."""

from dataclasses import dataclass
from typing import Annotated

import torch
import torch.nn.functional as F
from torch import Tensor
from typing_extensions import override

from baselines.environments import means, present
from dgbench.api import Batch, Gt, LogUniform, Losses, LossMethod, Task


class GroupDRO(LossMethod):
    """Weigh environments by how badly they go, so that the worst one decides.

    Weights q are multiplied by exp(step size x loss) of their environment at each step and
    normalised; the loss is the q-weighted mean. What holds in some environments only stops paying.
    The groups are the environments; the paper also uses label x attribute groups, with a stronger
    penalty on weights.

    Reference: Sagawa et al. 2020, Distributionally Robust Neural Networks, arXiv 1911.08731.
    """

    uses = frozenset({"environments"})
    n_environments = 2
    batch_semantics = "global"

    @dataclass(frozen=True, kw_only=True)
    class Config(LossMethod.Config):
        """Hyper-parameters."""

        step_size: Annotated[float, LogUniform(1e-3, 1e-1), Gt(0)] = 1e-2
        """How fast the weights of environments follow their losses."""

    config: Config
    weights: Tensor
    """Weight of each environment; they sum to 1."""

    def __init__(self, task: Task, config: Config | None = None) -> None:
        super().__init__(task, config)
        n = len(task.environments)
        self.register_buffer("weights", torch.full((n,), 1 / n))

    @override
    def loss(self, batch: Batch) -> Losses:
        each = F.cross_entropy(self(batch.images), batch.labels, reduction="none")
        each, environments = self.gather(each), self.gather(batch.environments)
        seen = present(environments, len(self.weights))
        losses = means(each, environments, len(self.weights))
        with torch.no_grad():
            weights = self.weights.clone()
            weights[seen] *= torch.exp(self.config.step_size * losses)
            self.weights.copy_(weights / weights.sum())
        return {"worst": self.weights[seen].clone() @ losses}
