"""Images sorted by their training environment."""

import torch
from jaxtyping import Float, Int, Shaped
from lightning.pytorch import LightningModule
from torch import Tensor


def split(
    values: Shaped[Tensor, "b ..."], environments: Int[Tensor, " b"], n: int
) -> list[Shaped[Tensor, "m ..."]]:
    """The values of each environment; environments without an image are left out."""
    parts = [values[environments == number] for number in range(n)]
    return [part for part in parts if len(part)]


def present(environments: Int[Tensor, " b"], n: int) -> Int[Tensor, " e"]:
    """The environments that have an image, in the order of `split`."""
    return torch.bincount(environments, minlength=n).nonzero()[:, 0]


def means(
    values: Float[Tensor, " b"], environments: Int[Tensor, " b"], n: int
) -> Float[Tensor, " e"]:
    """The mean in each environment that has an image."""
    return torch.stack([part.mean() for part in split(values, environments, n)])


def forget_moments(module: LightningModule) -> None:
    """Let Adam start afresh, where a penalty sets in that changes the size of the gradient."""
    optimizers = module.optimizers(use_pl_optimizer=False)
    for optimizer in optimizers if isinstance(optimizers, list) else [optimizers]:
        optimizer.state.clear()
