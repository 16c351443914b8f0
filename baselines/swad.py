"""SWAD: average the weights densely over a valley of the loss."""

from dataclasses import dataclass
from typing import Annotated

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor
from torch.func import functional_call
from torch.nn.utils import parameters_to_vector
from typing_extensions import override

from dgbench.api import Batch, Choice, Ge, Gt, Integers, Method, Task, Uniform


class SWAD(Method):
    """Predict with the mean of the weights of all steps between two turns of the loss.

    Averages lie in flat regions of the loss. Steps are cut into segments, each with its mean
    weights and mean loss. The average begins where the loss has not fallen over `n_converge`
    segments, and ends where it has stayed above that level by `tolerance` for `n_tolerance`
    segments. If it never begins, the last segment's mean is taken. The authors watch the loss on
    held-out images; methods see none here, so it is the training loss.

    Reference: Cha et al. 2021, SWAD, arXiv 2102.08604.
    """

    @dataclass(frozen=True, kw_only=True)
    class Config(Method.Config):
        """Hyper-parameters."""

        segment: Annotated[int, Choice(25, 50, 100), Gt(0)] = 50
        """Steps in a segment."""
        n_converge: Annotated[int, Integers(2, 5), Gt(0)] = 3
        """Segments over which the loss must not fall for the average to begin."""
        n_tolerance: Annotated[int, Integers(3, 8), Gt(0)] = 6
        """Segments above the level after which it ends."""
        tolerance: Annotated[float, Uniform(0.1, 0.5), Ge(0)] = 0.3
        """Share by which the level exceeds the mean loss at the beginning."""

    config: Config
    running: Tensor
    """Sum of the weights over the present segment."""
    running_loss: Tensor
    segments: Tensor
    """Mean weights of the latest segments, the newest last."""
    losses: Tensor
    """Their mean losses; infinite where there is none yet."""
    average: Tensor
    n_averaged: Tensor
    level: Tensor
    """Loss above which a segment counts as out of the valley; infinite before it begins."""
    has_ended: Tensor

    def __init__(self, task: Task, config: Config | None = None) -> None:
        super().__init__(task, config)
        size = parameters_to_vector(self.parameters()).numel()
        kept = max(self.config.n_converge, self.config.n_tolerance)
        self.register_buffer("running", torch.zeros(size))
        self.register_buffer("running_loss", torch.zeros(()))
        self.register_buffer("segments", torch.zeros(kept, size))
        self.register_buffer("losses", torch.full((kept,), torch.inf))
        self.register_buffer("average", torch.zeros(size))
        self.register_buffer("n_averaged", torch.zeros((), dtype=torch.long))
        self.register_buffer("level", torch.tensor(torch.inf))
        self.register_buffer("has_ended", torch.tensor(False))

    @override
    def features(self, images: Float[Tensor, "b c h w"]) -> Float[Tensor, "b d"]:
        if self.training:
            return self.network(images)
        return functional_call(self.network, self._averaged("network."), (images,))

    @override
    def forward(self, images: Float[Tensor, "b c h w"]) -> Float[Tensor, "b k"]:
        if self.training:
            return self.head(self.features(images))
        return functional_call(self.head, self._averaged("head."), (self.features(images),))

    @override
    def training_step(self, batch: Batch, batch_idx: int) -> dict[str, Tensor]:
        loss = F.cross_entropy(self(batch.images), batch.labels)
        self._fold_in(batch.step, loss.detach())
        return {"loss": loss}

    @torch.no_grad()
    def _fold_in(self, step: int, loss: Tensor) -> None:
        self.running += parameters_to_vector(self.parameters())
        self.running_loss += self.gather(loss[None]).mean()
        if (step + 1) % self.config.segment:
            return
        self.segments.copy_(self.segments.roll(-1, dims=0))
        self.losses.copy_(self.losses.roll(-1))
        self.segments[-1] = self.running / self.config.segment
        self.losses[-1] = self.running_loss / self.config.segment
        self.running.zero_()
        self.running_loss.zero_()
        if not self.has_ended:
            self._decide()

    def _decide(self) -> None:
        recent = self.losses[-self.config.n_converge :]
        if not torch.isfinite(self.level):
            if torch.isfinite(recent).all() and recent.argmin() == 0:
                self.level.copy_(recent.mean() * (1 + self.config.tolerance))
                for weights in self.segments[-self.config.n_converge :]:
                    self._add(weights)
        elif self.losses[-self.config.n_tolerance :].min() > self.level:
            self.has_ended.fill_(True)
        else:
            self._add(self.segments[-1])

    def _add(self, weights: Tensor) -> None:
        self.n_averaged += 1
        self.average += (weights - self.average) / self.n_averaged

    def _averaged(self, prefix: str) -> dict[str, Tensor]:
        """The averaged weights of a part, by their names in it."""
        vector = self.average if self.n_averaged > 0 else self.segments[-1]
        found, start = {}, 0
        for name, weight in self.named_parameters():
            # Before the first segment has ended there is nothing to average.
            piece = vector[start : start + weight.numel()].view_as(weight)
            start += weight.numel()
            if name.startswith(prefix):
                has_any = torch.isfinite(self.losses[-1])
                found[name.removeprefix(prefix)] = torch.where(has_any, piece, weight)
        return found
