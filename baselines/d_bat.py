"""D-BAT: two networks that agree on the training data and disagree elsewhere."""

import copy
from typing import Annotated, Any

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor, nn
from typing_extensions import override

from baselines.environments import forget_moments
from dgbench.api import Batch, Ge, Gt, LogUniform, Losses, LossMethod, Lt, Paper, Task, Uniform

_LEAST = 1e-7
"""Smallest probability in a logarithm, as in the authors' code."""


class DBAT(LossMethod):
    """Train a second network that disagrees with the first on unlabelled images.

    The first network learns whatever is easiest. On images in which the easy pattern and the others
    no longer go together, a second network that must contradict the first one's prediction has to
    look at something else. Both are right on the training images. The two trainings share the one
    budget of steps, the first network stays as it is in the second training, and the second one
    predicts. Until then the predictions are those of the first.
    """

    paper = Paper(
        title="Agree to Disagree: Diversity through Disagreement for Better Transferability",
        authors=(
            "Matteo Pagliardini",
            "Martin Jaggi",
            "François Fleuret",
            "Sai Praneeth Karimireddy",
        ),
        year=2023,
        url="https://arxiv.org/abs/2202.04414",
        code="https://github.com/mpagli/Agree-to-Disagree",
    )
    uses = frozenset({"unlabelled_ood"})
    regularisation = ("weight", "weight_decay")

    class Config(LossMethod.Config):
        """Hyper-parameters."""

        weight: Annotated[float, LogUniform(1e-2, 1e1), Ge(0)] = 1.0
        """Multiplier of the disagreement. 0 is ERM that starts afresh."""
        first_share: Annotated[float, Uniform(0.2, 0.6), Gt(0), Lt(1)] = 0.5
        """Share of the steps for the first network."""

    config: Config

    def __init__(self, task: Task, config: Config | None = None) -> None:
        super().__init__(task, config)
        # First the fresh weights of the second network, then the trained ones of the first.
        self.other_network = task.new_network().requires_grad_(False)
        self.other_head = copy.deepcopy(self.head).requires_grad_(False)
        self.other_head.reset_parameters()

    @property
    def first_steps(self) -> int:
        """Number of steps of the first training."""
        return max(1, round(self.config.first_share * self.task.steps))

    @override
    def on_train_batch_start(self, batch: Any, batch_idx: int) -> None:
        if batch_idx == self.first_steps:
            exchange(self.network, self.other_network)
            exchange(self.head, self.other_head)
            forget_moments(self)

    @override
    def loss(self, batch: Batch) -> Losses:
        losses = {"cross_entropy": F.cross_entropy(self(batch.images), batch.labels)}
        if batch.step < self.first_steps:
            return losses
        self.other_network.eval()
        with torch.no_grad():
            first = F.softmax(self.other_head(self.other_network(batch.unlabelled)), dim=1)
        second = F.softmax(self(batch.unlabelled), dim=1)
        return {**losses, "agreement": self.config.weight * agreement(first, second)}


def agreement(first: Float[Tensor, "b k"], second: Float[Tensor, "b k"]) -> Float[Tensor, ""]:
    """Measure -log P(exactly one of both says what the first one thinks most likely), averaged."""
    p, favourite = first.max(dim=1)
    q = second.gather(1, favourite[:, None])[:, 0]
    return -(p * (1 - q) + q * (1 - p) + _LEAST).log().mean()


def exchange(first: nn.Module, second: nn.Module) -> None:
    """Exchange the weights of two modules of the same kind."""
    kept = copy.deepcopy(first.state_dict())
    first.load_state_dict(second.state_dict())
    second.load_state_dict(kept)
