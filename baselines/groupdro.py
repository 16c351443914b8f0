"""Group distributionally robust optimisation over environments."""

from typing import Annotated

import torch
import torch.nn.functional as F
from torch import Tensor
from typing_extensions import override

from baselines.environments import means, present
from dgbench.api import Batch, Gt, LogUniform, Losses, LossMethod, Paper, Task


class GroupDRO(LossMethod):
    """Give the environments that go worst the largest weights.

    At each step the weight of every environment is multiplied by exp(step size x its loss), and the
    weights are normalised. The loss is the weighted mean, so a pattern that holds in some
    environments only stops paying. The groups are the environments. The paper also groups by label
    and attribute, with a stronger penalty on the weights of the network.
    """

    paper = Paper(
        title="Distributionally Robust Neural Networks for Group Shifts: On the Importance of "
        "Regularization for Worst-Case Generalization",
        authors=("Shiori Sagawa", "Pang Wei Koh", "Tatsunori B. Hashimoto", "Percy Liang"),
        year=2020,
        url="https://arxiv.org/abs/1911.08731",
    )
    uses = frozenset({"environments"})
    n_environments = 2
    batch_semantics = "global"

    class Config(LossMethod.Config):
        """Hyper-parameters."""

        step_size: Annotated[float, LogUniform(1e-3, 1e-1), Gt(0)] = 1e-2
        """How fast the weights of environments follow their losses."""

    config: Config
    weights: Tensor
    """Weights of the environments, which sum to 1."""

    def __init__(self, task: Task, config: Config | None = None) -> None:
        super().__init__(task, config)
        n = len(task.environments)
        self.register_buffer("weights", torch.full((n,), 1 / n))

    @override
    def loss(self, batch: Batch) -> Losses:
        losses = F.cross_entropy(self(batch.images), batch.labels, reduction="none")
        losses, environments = self.gather(losses), self.gather(batch.environments)
        seen = present(environments, len(self.weights))
        risks = means(losses, environments, len(self.weights))
        with torch.no_grad():
            weights = self.weights.clone()
            weights[seen] *= torch.exp(self.config.step_size * risks)
            self.weights.copy_(weights / weights.sum())
        return {"worst": self.weights[seen].clone() @ risks}
