"""Jigsaw: recognise the class, and the order in which the image's tiles were laid."""

from typing import Annotated

import torch
import torch.nn.functional as F
from jaxtyping import Float, Int
from torch import Tensor, nn
from typing_extensions import override

from dgbench.api import Batch, Ge, Le, LogUniform, Losses, LossMethod, Paper, Task, Uniform


class Jigsaw(LossMethod):
    """Cross-entropy on images of shuffled tiles, for the class and for the order of the tiles.

    To solve a puzzle the network must know how the parts of an object belong together, which
    colours and textures do not tell. But it need not use for the class what it knows for the
    puzzle, and where shuffling leaves the easy pattern intact, the class can still be read from
    that alone. As in the authors' code, shuffled images are classified too. The authors also crop
    images and turn tiles grey. That would tell which patterns matter, so it is left out.
    """

    paper = Paper(
        title="Domain Generalization by Solving Jigsaw Puzzles",
        authors=(
            "Fabio Maria Carlucci",
            "Antonio D'Innocente",
            "Silvia Bucci",
            "Barbara Caputo",
            "Tatiana Tommasi",
        ),
        year=2019,
        url="https://arxiv.org/abs/1903.06864",
        code="https://github.com/fmcarlucci/JigenDG",
    )

    class Config(LossMethod.Config):
        """Hyper-parameters."""

        weight: Annotated[float, LogUniform(0.1, 1), Ge(0)] = 0.9
        """Multiplier of the puzzle's loss. 0 leaves the shuffling as an augmentation."""
        whole: Annotated[float, Uniform(0.5, 1), Ge(0), Le(1)] = 0.7
        """Smallest share of images that are left whole, in [0, 1]. The others draw any order, even
        the right one. 1 with a weight of 0 is ERM."""
        n_orders: Annotated[int, Ge(1), Le(71)] = 30
        """Number of orders besides the right one."""

    config: Config
    orders: Int[Tensor, "orders 9"]

    def __init__(self, task: Task, config: Config | None = None) -> None:
        """Add the orders and a head that tells them apart."""
        super().__init__(task, config)
        self.puzzle_head = nn.Linear(task.n_features, self.config.n_orders + 1)
        orders = tile_orders()[: self.config.n_orders + 1]
        self.register_buffer("orders", orders, persistent=False)

    @override
    def loss(self, batch: Batch) -> Losses:
        stay, pick = batch.uniform("tiles", 2).T
        order = (pick * len(self.orders)).long().where(stay >= self.config.whole, 0)
        z = self.features(rearranged(batch.images, self.orders[order]))
        return {
            "cross_entropy": F.cross_entropy(self.head(z), batch.labels),
            "puzzle": self.config.weight * F.cross_entropy(self.puzzle_head(z), order),
        }


def rearranged(
    images: Float[Tensor, "b c h w"], order: Int[Tensor, "b 9"]
) -> Float[Tensor, "b c h w"]:
    """Cut images into three by three tiles and lay tile `order[:, i]` in place i.

    Pixels that remain where three does not divide the size stay where they are, at the edges.
    """
    b, c, height, width = images.shape
    high, wide = height // 3, width // 3
    top, left = height % 3 // 2, width % 3 // 2
    out = images.clone()
    window = out[:, :, top : top + 3 * high, left : left + 3 * wide]
    tiles = window.reshape(b, c, 3, high, 3, wide).permute(0, 2, 4, 1, 3, 5).flatten(1, 2)
    laid = tiles[torch.arange(b, device=order.device)[:, None], order]
    laid = laid.reshape(b, 3, 3, c, high, wide).permute(0, 3, 1, 4, 2, 5)
    window[:] = laid.reshape(window.shape)
    return out


def tile_orders() -> Int[Tensor, "72 9"]:
    """List orders of nine tiles of which any two have at most one tile in the same place.

    They are the maps x -> ax + b of the field of nine elements, written as complex numbers modulo
    3. The first leaves all tiles in place. The authors search for orders that differ as much as
    possible, which these do by construction.
    """
    numbers = [(n // 3, n % 3) for n in range(9)]
    factors = [(1, 0), *(a for a in numbers if a not in ((0, 0), (1, 0)))]
    orders = [
        [
            3 * ((a[0] * x[0] - a[1] * x[1] + b[0]) % 3) + (a[0] * x[1] + a[1] * x[0] + b[1]) % 3
            for x in numbers
        ]
        for a in factors
        for b in numbers
    ]
    return torch.tensor(orders)
