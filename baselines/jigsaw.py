"""JiGen: solve jigsaw puzzles beside the classification."""

from dataclasses import dataclass
from itertools import permutations
from typing import Annotated

import numpy as np
import torch
import torch.nn.functional as F
from jaxtyping import Float, Int
from torch import Tensor, nn
from typing_extensions import override

from dgbench.api import Batch, Ge, Gt, Integers, Le, Losses, LossMethod, Task, Uniform

GRID = 3
"""Tiles a side."""


class Jigsaw(LossMethod):
    """Classify, and tell by which permutation the tiles of an image were shuffled.

    Where the tiles belong can only be seen from the shape, so that the features must hold it. The
    permutations are chosen to differ from each other in as many places as possible, greedily from a
    fixed sample. Shuffled images are not classified; the edge that three tiles leave stays black.

    Reference: Carlucci et al. 2019, Domain Generalization by Solving Jigsaw Puzzles,
    arXiv 1903.06864.
    """

    @dataclass(frozen=True, kw_only=True)
    class Config(LossMethod.Config):
        """Hyper-parameters."""

        weight: Annotated[float, Uniform(0.1, 1.0), Ge(0)] = 0.9
        """Multiplier of the puzzle's loss; 0 is ERM on the unshuffled images."""
        n_permutations: Annotated[int, Integers(5, 100), Gt(0), Le(1000)] = 30
        """How many permutations there are to tell apart, besides none."""
        shuffled: Annotated[float, Uniform(0.1, 0.6), Gt(0), Le(0.9)] = 0.3
        """Share of the images that are shuffled."""

    config: Config
    orders: Tensor
    """The permutations; the first changes nothing."""

    def __init__(self, task: Task, config: Config | None = None) -> None:
        super().__init__(task, config)
        orders = far_permutations(self.config.n_permutations)
        self.register_buffer("orders", torch.from_numpy(orders), persistent=False)
        self.puzzle_head = nn.Linear(task.n_features, len(orders))

    @override
    def loss(self, batch: Batch) -> Losses:
        draws = batch.uniform("jigsaw", 2)
        is_shuffled = draws[:, 0] < self.config.shuffled
        chosen = 1 + (draws[:, 1] * self.config.n_permutations).long()
        chosen = chosen * is_shuffled
        features = self.features(shuffle_tiles(batch.images, self.orders[chosen]))
        each = F.cross_entropy(self.head(features), batch.labels, reduction="none")
        # A mean over a fixed number, so that shares of a batch on several devices average to it.
        classified = (each * ~is_shuffled).mean() / (1 - self.config.shuffled)
        puzzle = F.cross_entropy(self.puzzle_head(features), chosen)
        return {"cross_entropy": classified, "puzzle": self.config.weight * puzzle}


def shuffle_tiles(
    images: Float[Tensor, "b c h w"], orders: Int[Tensor, "b t"]
) -> Float[Tensor, "b c h w"]:
    """Put tile orders[i, j] of image i to place j; images with the identity are left whole."""
    b, c = images.shape[:2]
    side_h, side_w = images.shape[2] // GRID, images.shape[3] // GRID
    inner = images[:, :, : side_h * GRID, : side_w * GRID]
    tiles = inner.reshape(b, c, GRID, side_h, GRID, side_w).permute(0, 2, 4, 1, 3, 5)
    tiles = tiles.reshape(b, GRID * GRID, c, side_h, side_w)
    rows = torch.arange(b, device=images.device)[:, None]
    moved = tiles[rows, orders].reshape(b, GRID, GRID, c, side_h, side_w)
    moved = moved.permute(0, 3, 1, 4, 2, 5).reshape(b, c, side_h * GRID, side_w * GRID)
    missing = images.shape[3] - moved.shape[3], images.shape[2] - moved.shape[2]
    padded = F.pad(moved, (0, missing[0], 0, missing[1]))
    is_whole = (orders == torch.arange(GRID * GRID, device=orders.device)).all(dim=1)
    return torch.where(is_whole[:, None, None, None], images, padded)


def far_permutations(n: int) -> Int[np.ndarray, "p t"]:
    """The identity and n permutations of the tiles, each as far as possible from those before."""
    everything = np.array(list(permutations(range(GRID * GRID))))
    pool = np.concatenate([everything[:1], np.random.default_rng(0).permutation(everything)[:5000]])
    nearest = np.full(len(pool), GRID * GRID)
    chosen = [0]
    for _ in range(n):
        nearest = np.minimum(nearest, (pool != pool[chosen[-1]]).sum(axis=1))
        chosen.append(int(nearest.argmax()))
    return pool[chosen]
