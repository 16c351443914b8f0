"""The inner maps of any backbone, reached by hooks on its convolutions."""

from collections.abc import Callable

from jaxtyping import Float
from torch import Tensor, nn

Change = Callable[[Float[Tensor, "b c h w"]], Float[Tensor, "b c h w"]]


def convolutions(network: nn.Module) -> list[nn.Conv2d]:
    """List the convolutions in the order of their definition, and demand at least one."""
    parts = [part for part in network.modules() if isinstance(part, nn.Conv2d)]
    if not parts:
        raise ValueError(f"{type(network).__name__} has no convolution to reach into.")
    return parts


def change_maps(network: nn.Module, change: Change, *, first: int) -> None:
    """Let `change` rewrite the output of the `first` convolutions, only while training.

    It may be a bound method of the module that owns the network.
    """

    def hook(module: nn.Module, _: object, maps: Tensor) -> Tensor:
        return change(maps) if module.training else maps

    for convolution in convolutions(network)[:first]:
        convolution.register_forward_hook(hook)
