"""Greyscale: see every image in grey."""

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor
from typing_extensions import override

from dgbench.api import Batch, Losses, LossMethod

LUMA = (0.299, 0.587, 0.114)
"""Weights of red, green and blue in ITU-R BT.601."""


class Greyscale(LossMethod):
    """Turn every image grey before the network sees it, in training and in testing.

    It encodes the answer where colour is the misleading pattern, and destroys the hidden pattern
    where that is colour. So it shows what a strong prior gains and what it costs.
    """

    uses = frozenset({"augmentation_prior"})

    @override
    def features(self, images: Float[Tensor, "b c h w"]) -> Float[Tensor, "b d"]:
        return super().features(as_grey(images))

    @override
    def loss(self, batch: Batch) -> Losses:
        return {"cross_entropy": F.cross_entropy(self(batch.images), batch.labels)}


def as_grey(images: Float[Tensor, "b c h w"]) -> Float[Tensor, "b c h w"]:
    """Put the luma of each pixel into all three channels."""
    weights = torch.tensor(LUMA, dtype=images.dtype, device=images.device)
    grey = (images * weights[:, None, None]).sum(dim=1, keepdim=True)
    return grey.expand_as(images)
