"""Covariance of the channels over the training pixels, gathered from a method's batches."""

from collections.abc import Callable
from typing import NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor, nn


class ChannelMoments(nn.Module):
    """The mean and the covariance of the channels over all pixels of the images added so far.

    Sums are buffers, so that they survive a checkpoint.
    """

    n_images: Tensor
    means: Tensor
    """Sum over images of the mean pixel."""
    products: Tensor
    """Sum over images of the mean product of two channels of a pixel."""

    def __init__(self, n_channels: int) -> None:
        super().__init__()
        self.register_buffer("n_images", torch.zeros(()))
        self.register_buffer("means", torch.zeros(n_channels))
        self.register_buffer("products", torch.zeros(n_channels, n_channels))

    @torch.no_grad()
    def add(self, images: Float[Tensor, "b c h w"], *, gather: Callable[[Tensor], Tensor]) -> None:
        """Add this device's share of a batch and that of all others. `gather` is the method's."""
        pixels = images.flatten(2)
        # Not as a product of matrices, which mixed precision would round.
        products = (pixels[:, :, None] * pixels[:, None]).mean(dim=3)
        means = gather(pixels.mean(dim=2))
        self.n_images += len(means)
        self.means += means.sum(dim=0)
        self.products += gather(products).sum(dim=0)

    @property
    def covariance(self) -> Float[Tensor, "c c"]:
        """Covariance of the channels over the pixels of all images."""
        mean = self.means / self.n_images
        return self.products / self.n_images - torch.outer(mean, mean)


class Directions(NamedTuple):
    """The directions along which the channels vary, each with its share of the variance."""

    variances: Float[Tensor, " c"]
    """Of each direction, ascending, where the largest is 1."""
    vectors: Float[Tensor, "c c"]
    """A direction in each column."""


def directions(covariance: Float[Tensor, "c c"]) -> Directions:
    """Decompose a covariance of channels."""
    values, vectors = torch.linalg.eigh(covariance)
    return Directions((values / values[-1].clamp(min=1e-12)).clamp(min=0), vectors)


def whitening(covariance: Float[Tensor, "c c"], *, floor: float) -> Float[Tensor, "c c"]:
    """Return V diag(w^-1/2) V^T for directions V and variances w, relative to the largest.

    Directions whose variance is at most `floor` are dropped: the data do not use them.
    """
    variances, vectors = directions(covariance)
    is_used = variances > floor
    factors = torch.where(is_used, variances.clamp(min=floor).rsqrt(), 0.0)
    return (vectors * factors) @ vectors.T


def mixed(
    images: Float[Tensor, "b c h w"], matrix: Float[Tensor, "d c"]
) -> Float[Tensor, "b d h w"]:
    """Multiply every pixel by a matrix over the channels, in full precision.

    Mixed precision would round a product of matrices, so this is a sum of products.
    """
    return (matrix[:, :, None, None] * images[:, None]).sum(dim=2)
