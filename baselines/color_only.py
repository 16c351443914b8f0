"""A yardstick that sees the colours of an image and not where they are."""

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor, nn
from typing_extensions import override

from dgbench.api import Batch, Losses, LossMethod, Task

N_BINS = 8
"""Bins of each channel's histogram."""


class ColorOnly(LossMethod):
    """See the hue of an image and a soft histogram of its channels, wherever the pixels are.

    A yardstick, not a contender: it is told which pattern to look at. Two layers on this summary
    replace the network of the task. Shuffling the pixels has no effect, but the amount of ink still
    shows.
    """

    uses = frozenset({"augmentation_prior"})
    uses_backbone = False
    is_yardstick = True

    def __init__(self, task: Task, config: LossMethod.Config | None = None) -> None:
        super().__init__(task, config)
        n = task.image_shape[0] * (N_BINS + 1)
        self.network = nn.Sequential(nn.Linear(n, 128), nn.ReLU(), nn.Linear(128, task.n_features))

    @override
    def features(self, images: Float[Tensor, "b c h w"]) -> Float[Tensor, "b d"]:
        return torch.relu(self.network(color_summary(images)))

    @override
    def loss(self, batch: Batch) -> Losses:
        return {"cross_entropy": F.cross_entropy(self(batch.images), batch.labels)}


def color_summary(images: Float[Tensor, "b c h w"]) -> Float[Tensor, "b s"]:
    """The share of each channel in all light, and each channel's soft histogram."""
    pixels = images.flatten(2).sort(dim=2).values  # sorted: sums are the same to the last bit
    light = pixels.sum(dim=2)
    hue = light / light.sum(dim=1, keepdim=True).clamp(min=1e-6)
    centres = torch.linspace(0, 1, N_BINS, device=images.device, dtype=images.dtype)
    near = (1 - (pixels[..., None] - centres).abs() * (N_BINS - 1)).clamp(min=0)
    return torch.cat([hue, near.mean(dim=2).flatten(1)], dim=1)
