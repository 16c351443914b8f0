"""A yardstick that sees the shape of a glyph and nothing of its colour."""

import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor
from typing_extensions import override

from dgbench.api import Batch, Losses, LossMethod


class ShapeOnly(LossMethod):
    """See how much of the glyph's ink is in each pixel, whatever its colour.

    A yardstick, not a contender: it is told which pattern to look at. Each pixel is the largest of
    its channels divided by the largest in the image, so that a glyph of one colour on black is the
    same image in any colour. Whatever is drawn beside the glyph stays visible.
    """

    uses = frozenset({"augmentation_prior"})
    is_yardstick = True

    @override
    def features(self, images: Float[Tensor, "b c h w"]) -> Float[Tensor, "b d"]:
        return super().features(as_ink(images))

    @override
    def loss(self, batch: Batch) -> Losses:
        return {"cross_entropy": F.cross_entropy(self(batch.images), batch.labels)}


def as_ink(images: Float[Tensor, "b c h w"]) -> Float[Tensor, "b c h w"]:
    """The share of ink in each pixel, in all three channels."""
    brightest = images.amax(dim=1, keepdim=True)
    ink = brightest / brightest.amax(dim=(2, 3), keepdim=True).clamp(min=1e-6)
    return ink.expand_as(images)
