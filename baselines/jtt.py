"""Just train twice."""

import copy
from typing import Annotated, Any

import torch
import torch.nn.functional as F
from torch import Tensor
from typing_extensions import override

from baselines.environments import forget_moments
from dgbench.api import Batch, Choice, Ge, Gt, Losses, LossMethod, Lt, Paper, Task, Uniform


class JTT(LossMethod):
    """Train as ERM for a while, then start afresh with its errors counted many times.

    The first training shows which images the easy pattern does not explain. Its share of the steps
    comes out of the one budget, and the error set holds the images whose latest prediction in it
    was wrong. Errors get the weight `upweight` in a mean that is divided by the expected sum of
    weights, which is what repeating them in the training set does on average. Where every training
    image shows the easy pattern there are few errors to repeat, so the method is expected to fail
    at predictivity 1.
    """

    paper = Paper(
        title="Just Train Twice: Improving Group Robustness without Training Group Information",
        authors=(
            "Evan Zheran Liu",
            "Behzad Haghgoo",
            "Annie S. Chen",
            "Aditi Raghunathan",
            "Pang Wei Koh",
            "Shiori Sagawa",
            "Percy Liang",
            "Chelsea Finn",
        ),
        year=2021,
        url="https://arxiv.org/abs/2107.09044",
        code="https://github.com/anniesch/jtt",
    )
    batch_semantics = "global"
    regularisation = ("upweight", "weight_decay")

    class Config(LossMethod.Config):
        """Hyper-parameters."""

        first_share: Annotated[float, Uniform(0.1, 0.5), Gt(0), Lt(1)] = 0.25
        """Share of the steps for the first training."""
        upweight: Annotated[float, Choice(5.0, 20.0, 50.0, 100.0), Ge(1)] = 20.0
        """How often an image of the error set counts. 1 is ERM that starts afresh."""

    config: Config
    is_error: Tensor
    """Whether the latest prediction for each training image was wrong in the first training."""

    def __init__(self, task: Task, config: Config | None = None) -> None:
        super().__init__(task, config)
        self.register_buffer("is_error", torch.zeros(task.n_train, dtype=torch.bool))
        self.fresh_network = task.new_network().requires_grad_(False)
        self.fresh_head = copy.deepcopy(self.head).requires_grad_(False)
        self.fresh_head.reset_parameters()

    @property
    def first_steps(self) -> int:
        """Number of steps of the first training."""
        return max(1, round(self.config.first_share * self.task.steps))

    @override
    def on_train_batch_start(self, batch: Any, batch_idx: int) -> None:
        if batch_idx == self.first_steps:
            self.network.load_state_dict(self.fresh_network.state_dict())
            self.head.load_state_dict(self.fresh_head.state_dict())
            forget_moments(self)

    @override
    def loss(self, batch: Batch) -> Losses:
        logits = self(batch.images)
        losses = F.cross_entropy(logits, batch.labels, reduction="none")
        if batch.step < self.first_steps:
            wrong = logits.detach().argmax(dim=1) != batch.labels
            self.is_error[self.gather(batch.index)] = self.gather(wrong)
            return {"cross_entropy": losses.mean()}
        extra = self.config.upweight - 1
        weights = 1 + extra * self.is_error[batch.index]
        expected = 1 + extra * self.is_error.float().mean()
        return {"cross_entropy": (weights * losses).mean() / expected}
