"""Draw another image for each image of a batch, the same on any number of devices."""

from collections.abc import Callable
from typing import NamedTuple

import torch
from jaxtyping import Float, Int
from torch import Tensor

from dgbench.api import Batch


class Partners(NamedTuple):
    """One other image for each image of this device's share."""

    images: Float[Tensor, "b c h w"]
    labels: Int[Tensor, " b"]


def partners(batch: Batch, gather: Callable[[Tensor], Tensor]) -> Partners:
    """Take the successor of each image in a random ring through the whole batch.

    `gather` is the method's own. A random number of each image orders the ring, so that no device
    needs to know another's draw.
    """
    mine = batch.uniform("partner")[:, 0]
    everyone = gather(mine)
    ring = everyone.argsort(stable=True)
    after = torch.searchsorted(everyone[ring], mine, right=True) % len(ring)
    rows = ring[after]
    # Flat, so that the memory layout of the images does not matter.
    images = gather(batch.images.flatten(1))[rows].reshape(batch.images.shape)
    return Partners(images, gather(batch.labels)[rows])
