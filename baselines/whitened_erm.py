"""ERM on whitened colours."""

from typing import Annotated

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor
from typing_extensions import override

from baselines.channel_moments import ChannelMoments, mixed, whitening
from dgbench.api import Batch, Ge, Gt, LogUniform, Losses, LossMethod, Lt, Paper, Task


class WhitenedERM(LossMethod):
    """Cross-entropy on images whose channels are made equally strong and uncorrelated.

    A faint tint is a small deviation along a direction in which the colours of the training pixels
    hardly vary. Whitening, a fixed map of each pixel, stretches these directions, and what was too
    faint to be learnt first no longer is. It knows nothing about patterns and costs nothing, so
    whatever a method finds in faint colours counts only above this control. The covariance of the
    channels is gathered from the first batches, while the training goes on, and then fixed. Any
    whitening matrix would do. This one is the symmetric one, scaled so that the direction of the
    largest variance keeps its length.
    """

    paper = Paper(
        title="Optimal Whitening and Decorrelation",
        authors=("Agnan Kessy", "Alex Lewin", "Korbinian Strimmer"),
        year=2018,
        url="https://arxiv.org/abs/1512.00809",
    )
    batch_semantics = "global"
    regularisation = ("-floor", "weight_decay")

    class Config(LossMethod.Config):
        """Hyper-parameters."""

        floor: Annotated[float, LogUniform(1e-6, 1e-2), Gt(0), Lt(1)] = 1e-4
        """Variance, as a share of the largest, up to which a direction is dropped as unused."""
        statistics_steps: Annotated[int, Ge(1)] = 100
        """Number of batches from which the covariance is gathered."""

    config: Config
    whitening: Tensor
    """The map of the channels, which is the identity before the first step."""

    def __init__(self, task: Task, config: Config | None = None) -> None:
        super().__init__(task, config)
        n_channels = task.image_shape[0]
        self.moments = ChannelMoments(n_channels)
        self.register_buffer("whitening", torch.eye(n_channels))

    @override
    def features(self, images: Float[Tensor, "b c h w"]) -> Float[Tensor, "b d"]:
        return self.network(mixed(images, self.whitening))

    @override
    def loss(self, batch: Batch) -> Losses:
        if batch.step < self.config.statistics_steps:
            self.moments.add(batch.images, gather=self.gather)
            self.whitening.copy_(whitening(self.moments.covariance, floor=self.config.floor))
        return {"cross_entropy": F.cross_entropy(self(batch.images), batch.labels)}
