"""RandConv: filter the images with random convolutions."""

from typing import Annotated

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor
from typing_extensions import override

from dgbench.api import Batch, Ge, Le, LogUniform, Losses, LossMethod, Paper, Uniform

_SIZES = (1, 3, 5, 7)


class RandConv(LossMethod):
    """Train on images filtered by fresh random convolutions, and predict them alike.

    Random filters change colour and texture and keep shape, a prior that gives away the answer
    where colour misleads. Each batch is drawn three times. The loss is the mean cross-entropy of
    the draws plus the mean divergence of their predictions from the average prediction. One filter
    serves a whole batch on one device.
    """

    paper = Paper(
        title="Robust and Generalizable Visual Representation Learning via Random Convolutions",
        authors=("Zhenlin Xu", "Deyi Liu", "Junlin Yang", "Colin Raffel", "Marc Niethammer"),
        year=2021,
        url="https://arxiv.org/abs/2007.13003",
        code="https://github.com/wildphoton/RandConv",
    )
    uses = frozenset({"augmentation_prior"})
    batch_semantics = "local"

    class Config(LossMethod.Config):
        """Hyper-parameters."""

        consistency: Annotated[float, LogUniform(1e-1, 2e1), Ge(0)] = 5.0
        """Multiplier of the divergence."""
        probability: Annotated[float, Uniform(0.3, 1.0), Ge(0), Le(1)] = 0.5
        """Probability that a draw filters at all. Otherwise the images stay as they are."""

    config: Config

    @override
    def loss(self, batch: Batch) -> Losses:
        draws = [self.head(self.features(self._draw(batch.images))) for _ in range(3)]
        logs = torch.stack([F.log_softmax(logits, dim=1) for logits in draws])
        cross_entropy = torch.stack([F.cross_entropy(logits, batch.labels) for logits in draws])
        return {
            "cross_entropy": cross_entropy.mean(),
            "consistency": self.config.consistency * divergence(logs),
        }

    def _draw(self, images: Float[Tensor, "b c h w"]) -> Float[Tensor, "b c h w"]:
        if torch.rand(()).item() >= self.config.probability:
            return images
        size = _SIZES[int(torch.randint(len(_SIZES), ()).item())]
        return filtered(images, size)


def filtered(images: Float[Tensor, "b c h w"], size: int) -> Float[Tensor, "b c h w"]:
    """Filter images by one convolution with weights from N(0, 1 / (channels x size^2))."""
    channels = images.shape[1]
    weights = torch.randn(channels, channels, size, size, device=images.device)
    weights = weights / (channels * size * size) ** 0.5
    return F.conv2d(images, weights, padding=size // 2)


def divergence(logs: Float[Tensor, "d b k"]) -> Float[Tensor, ""]:
    """Average KL(draw || average prediction) over draws and images."""
    average = logs.exp().mean(dim=0).clamp(min=1e-7).log()
    return (logs.exp() * (logs - average)).sum(dim=2).mean()
