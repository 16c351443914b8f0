"""Another image for each image of a batch, the same on any number of devices."""

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
    """The successor of each image in a random ring through the whole batch.

    `gather` is the method's own. The ring is ordered by a random number of each image, so that no
    device needs to know another's draw.
    """
    mine = batch.uniform("partner")[:, 0]
    everyone = gather(mine)
    ring = everyone.argsort(stable=True)
    after = torch.searchsorted(everyone[ring], mine, right=True) % len(ring)
    rows = ring[after]
    # Flat, so that it does not matter in which order the images lie in memory.
    images = gather(batch.images.flatten(1))[rows].reshape(batch.images.shape)
    return Partners(images, gather(batch.labels)[rows])
