"""InfoDrop: drop what looks like its surroundings."""

from typing import Annotated

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor, nn
from typing_extensions import override

from baselines.convolutions import convolutions
from dgbench.api import (
    Batch,
    Choice,
    Ge,
    Gt,
    Integers,
    Le,
    LogUniform,
    Losses,
    LossMethod,
    Paper,
    Task,
    Uniform,
)

N_NEIGHBOURS = 9
"""How many nearby patches each patch is compared with."""


class InfoDrop(LossMethod):
    """Drop outputs of the first convolution at places whose patch is like those around it.

    A patch that its surroundings repeat says little: flat colour and regular texture are dropped,
    while edges, and with them the shape, stay. A number of draws is made from the distribution over
    places, and each output is dropped with the probability that one of them hits it. The authors
    draw places with repetition, and in deeper networks they drop in more layers. The last share of
    the steps trains without dropping.
    """

    paper = Paper(
        title="Informative Dropout for Robust Representation Learning: A Shape-bias Perspective",
        authors=(
            "Baifeng Shi",
            "Dinghuai Zhang",
            "Qi Dai",
            "Zhanxing Zhu",
            "Yadong Mu",
            "Jingdong Wang",
        ),
        year=2020,
        url="https://arxiv.org/abs/2008.04254",
        code="https://github.com/bfshi/InfoDrop",
    )
    batch_semantics = "local"
    regularisation = ("draws", "-temperature", "weight_decay")

    class Config(LossMethod.Config):
        """Hyper-parameters."""

        draws: Annotated[float, Uniform(0.5, 2.0), Ge(0)] = 1.5
        """Draws for each place of a map. 0 is ERM."""
        temperature: Annotated[float, LogUniform(0.01, 1.0), Gt(0)] = 0.03
        """The lower, the more the draws fall on the most repetitive places."""
        bandwidth: Annotated[float, Choice(0.5, 1.0, 2.0), Gt(0)] = 1.0
        """Width of the Gaussian that compares patches, in units of their typical distance."""
        radius: Annotated[int, Integers(1, 4), Ge(1), Le(6)] = 3
        """How far away the compared patches are at most, in pixels."""
        fine_tuning: Annotated[float, Uniform(0.0, 0.3), Ge(0), Le(1)] = 0.2
        """Share of the steps, at the end, in which nothing is dropped."""

    config: Config

    def __init__(self, task: Task, config: Config | None = None) -> None:
        super().__init__(task, config)
        self._is_dropping = False
        convolutions(self.network)[0].register_forward_hook(self._hook)

    @override
    def loss(self, batch: Batch) -> Losses:
        self._is_dropping = batch.step < (1 - self.config.fine_tuning) * self.task.steps
        try:
            logits = self(batch.images)
        finally:
            self._is_dropping = False
        return {"cross_entropy": F.cross_entropy(logits, batch.labels)}

    def _hook(self, module: nn.Module, inputs: tuple[Tensor, ...], maps: Tensor) -> Tensor:
        if not self._is_dropping:
            return maps
        assert isinstance(module, nn.Conv2d)  # noqa: S101  (hooked on one)
        config = self.config
        with torch.no_grad():
            likeness = likeness_of_patches(inputs[0], module, config.radius, config.bandwidth)
            share = likeness ** (1 / config.temperature)
            share = share / share.sum(dim=(2, 3), keepdim=True).clamp(min=1e-12)
            n_draws = config.draws * maps.shape[2] * maps.shape[3]
            is_kept = torch.rand_like(maps) < (1 - share) ** n_draws
        return maps * is_kept


def likeness_of_patches(
    images: Float[Tensor, "b c h w"], convolution: nn.Conv2d, radius: int, bandwidth: float
) -> Float[Tensor, "b 1 i j"]:
    """Measure how much each patch resembles the patches nearby, in [0, 1]."""
    padded = F.pad(images, [radius] * 4)
    height, width = images.shape[2:]
    offsets = torch.randint(0, 2 * radius + 1, (N_NEIGHBOURS, 2)).tolist()
    moved = [padded[:, :, i : i + height, j : j + width] for i, j in offsets]
    apart = torch.stack([(images - other).square().sum(dim=1) for other in moved], dim=1)
    ones = torch.ones(N_NEIGHBOURS, 1, *convolution.kernel_size, device=images.device)
    distances = F.conv2d(
        apart,
        ones,
        stride=convolution.stride,
        padding=convolution.padding,
        dilation=convolution.dilation,
        groups=N_NEIGHBOURS,
    )
    scaled = distances / distances.mean().clamp(min=1e-12) / (2 * bandwidth**2)
    return torch.exp(-scaled).mean(dim=1, keepdim=True)
