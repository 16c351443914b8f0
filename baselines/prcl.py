"""The partially reversed contrastive loss: push samples of one class apart."""

import math
from typing import Annotated, Any, Literal

import torch
import torch.nn.functional as F
from jaxtyping import Bool, Float, Int
from torch import Tensor
from typing_extensions import override

from baselines.pairs import log_mean_exp, mean_over, pairs_of
from dgbench.api import (
    Batch,
    Choice,
    Ge,
    Gt,
    Integers,
    LogUniform,
    Losses,
    LossMethod,
    Paper,
    Task,
    UsageError,
)

SMOOTHING = 0.99
"""Share of the earlier steps in the smoothed cross-entropy."""


class PRCL(LossMethod):
    """Push samples of one class apart, so that what differs inside a class is learnt too.

    Every sample of a class shows the easiest pattern in the same way. A contrastive loss whose half
    on same-class pairs is reversed rewards features that tell such samples apart. These features
    become large and the head reads them first, so those that also predict the class, the hidden
    patterns, are found before the easy pattern has taken the loss away. As training goes on, the
    easy pattern creeps back through the samples that are still wrong, and the others are given up.
    All runs pass through the same states, some sooner, some later, so the learning rate falls to
    zero once the cross-entropy has come down to a given level.

    A documented reconstruction: the paper's formula, margin and layer were not available, and no
    number obtained with this class is the paper's. With z the features, d their Euclidean distance,
    s their cosine, m the margin and t the temperature, the readings are

    - R1: mean over same-class pairs of relu(m - d)^2, plus the same over different-class pairs;
    - R2: the same-class term of R1 alone;
    - R3: R1 on the first half of the features, the ordinary loss (same-class pairs attract, d^2)
      on the second half;
    - R4: t times the logarithm of the mean over same-class pairs of exp(s / t);
    - different-only: the different-class term of R1 alone, a control.
    """

    paper = Paper(
        title="Encouraging Intra-Class Diversity Through a Reverse Contrastive Loss for "
        "Single-Source Domain Generalization",
        authors=(
            "Thomas Duboudin",
            "Emmanuel Dellandréa",
            "Corentin Abgrall",
            "Gilles Hénaff",
            "Liming Chen",
        ),
        year=2021,
        url="https://arxiv.org/abs/2106.07916",
    )
    batch_semantics = "global"

    class Config(LossMethod.Config):
        """Hyper-parameters."""

        weight: Annotated[float, LogUniform(0.3, 10.0), Ge(0)] = 3.0
        """Multiplier of the loss on pairs. 0 is ERM."""
        reading: Annotated[
            Literal["R1", "R2", "R3", "R4", "different-only"], Choice("R1", "R2", "R4")
        ] = "R1"
        """Which reading of the loss: see the description of the method."""
        margin: Annotated[float, LogUniform(5.0, 40.0), Gt(0)] = 20.0
        """Distance beyond which a pair is left alone. R4 has none."""
        temperature: Annotated[float, LogUniform(0.03, 0.3), Gt(0)] = 0.1
        """Softness of R4. The lower it is, the more the closest pairs count."""
        is_normalised: bool = False
        """Whether features are scaled to length 1, where distances are at most 2. R4 does so."""
        arrival: Annotated[float, LogUniform(0.03, 0.3), Ge(0)] = 0.09
        """Smoothed cross-entropy on training images at which the learning rate begins to fall, as a
        share of the cross-entropy of guessing, log(number of classes)."""
        decay_steps: Annotated[int, Integers(300, 1500), Ge(0)] = 600
        """Steps over which the learning rate falls to zero, in a straight line. At most a fifth of
        the training, and it ends with the training at the latest. 0 keeps the learning rate."""

        @override
        def check(self) -> None:
            if self.is_normalised and self.margin > 2:
                raise UsageError(
                    f"PRCL: margin is {self.margin}, but features of length 1 are at most 2 apart. "
                    "Choose a margin between 0 and 2."
                )

    config: Config

    smoothed: Tensor
    """Moving average of the cross-entropy over about a hundred steps."""
    arrived_at: Tensor
    """The step at which the learning rate began to fall, -1 before that."""

    def __init__(self, task: Task, config: Config | None = None) -> None:
        super().__init__(task, config)
        self.register_buffer("smoothed", torch.tensor(math.log(task.n_classes)))
        self.register_buffer("arrived_at", torch.tensor(-1))

    @override
    def loss(self, batch: Batch) -> Losses:
        features = self.features(batch.images)
        cross_entropy = F.cross_entropy(self.head(features), batch.labels)
        self._watch(cross_entropy.detach(), batch.step)
        pairs = pair_loss(self.gather(features), self.gather(batch.labels), self.config)
        return {"cross_entropy": cross_entropy, "pairs": self.config.weight * pairs}

    @override
    def configure_optimizers(self) -> Any:
        optimizer = super().configure_optimizers()
        schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, self.rate)
        return {
            "optimizer": optimizer,
            "lr_scheduler": {"scheduler": schedule, "interval": "step"},
        }

    def rate(self, step: int) -> float:
        """Tell which share of the learning rate is left at a step."""
        if self.arrived_at < 0:
            return 1.0
        return max(0.0, 1 - (step - int(self.arrived_at)) / self._decay_steps)

    @property
    def _decay_steps(self) -> int:
        return max(1, min(self.config.decay_steps, self.task.steps // 5))

    def _watch(self, cross_entropy: Float[Tensor, ""], step: int) -> None:
        """Note the step at which the cross-entropy is low enough, or at which time runs out."""
        everywhere = self.gather(cross_entropy[None]).mean()
        self.smoothed.lerp_(everywhere, 1 - SMOOTHING)
        is_low = self.smoothed <= self.config.arrival * math.log(self.task.n_classes)
        is_late = step >= self.task.steps - self._decay_steps
        if self.config.decay_steps > 0 and self.arrived_at < 0 and (is_low or is_late):
            self.arrived_at.fill_(step)


def pair_loss(
    features: Float[Tensor, "b d"], labels: Int[Tensor, " b"], config: PRCL.Config
) -> Float[Tensor, ""]:
    """Compute the chosen reading on a whole batch, without its multiplier."""
    same, different = pairs_of(labels)
    margin, temperature = config.margin, config.temperature
    if config.is_normalised or config.reading == "R4":
        features = F.normalize(features, dim=1)
    match config.reading:
        case "R1":
            distances = torch.cdist(features, features)
            return _repulsion(distances, same, margin) + _repulsion(distances, different, margin)
        case "R2":
            return _repulsion(torch.cdist(features, features), same, margin)
        case "R3":
            half = features.shape[1] // 2
            first, second = features[:, :half], features[:, half:]
            reversed_, ordinary = torch.cdist(first, first), torch.cdist(second, second)
            return (
                _repulsion(reversed_, same, margin)
                + _repulsion(reversed_, different, margin)
                + mean_over(ordinary.square(), same)
                + _repulsion(ordinary, different, margin)
            )
        case "R4":
            return temperature * log_mean_exp(features @ features.T / temperature, same)
        case "different-only":
            return _repulsion(torch.cdist(features, features), different, margin)


def _repulsion(
    distances: Float[Tensor, "b b"], pairs: Bool[Tensor, "b b"], margin: float
) -> Float[Tensor, ""]:
    """Average relu(margin - distance)^2 over the pairs."""
    return mean_over(F.relu(margin - distances).square(), pairs)
