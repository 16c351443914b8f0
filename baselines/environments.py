"""Sort images by their training environment."""

from collections.abc import Callable
from itertools import combinations

import torch
from jaxtyping import Float, Int, Shaped
from lightning.pytorch import LightningModule
from torch import Tensor


def split(
    values: Shaped[Tensor, "b ..."], environments: Int[Tensor, " b"], n: int
) -> list[Shaped[Tensor, "m ..."]]:
    """Part the values by environment, leaving out environments without an image."""
    parts = [values[environments == number] for number in range(n)]
    return [part for part in parts if len(part)]


def present(environments: Int[Tensor, " b"], n: int) -> Int[Tensor, " e"]:
    """List the environments that have an image, in the order of `split`."""
    return torch.bincount(environments, minlength=n).nonzero()[:, 0]


def means(
    values: Float[Tensor, " b"], environments: Int[Tensor, " b"], n: int
) -> Float[Tensor, " e"]:
    """Average the values in each environment that has an image."""
    return torch.stack([part.mean() for part in split(values, environments, n)])


def mean_over_pairs(
    distance: Callable[[Float[Tensor, "n d"], Float[Tensor, "m d"]], Float[Tensor, ""]],
    features: Float[Tensor, "b d"],
    environments: Int[Tensor, " b"],
    *,
    n: int,
) -> Float[Tensor, ""]:
    """Average a distance over all pairs of environments. 0 for a single environment."""
    pairs = combinations(split(features, environments, n), 2)
    distances = [distance(a, b) for a, b in pairs] or [features.sum() * 0.0]
    return torch.stack(distances).mean()


def forget_moments(module: LightningModule) -> None:
    """Let Adam start afresh, where a penalty sets in that changes the size of the gradient."""
    optimizers = module.optimizers(use_pl_optimizer=False)
    for optimizer in optimizers if isinstance(optimizers, list) else [optimizers]:
        optimizer.state.clear()
