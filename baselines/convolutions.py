"""The inner maps of any backbone, reached by hooks on its convolutions."""

from collections.abc import Callable

from jaxtyping import Float
from torch import Tensor, nn

Change = Callable[[Float[Tensor, "b c h w"]], Float[Tensor, "b c h w"]]


def convolutions(network: nn.Module) -> list[nn.Conv2d]:
    """The convolutions in the order in which they were defined, at least one."""
    found = [part for part in network.modules() if isinstance(part, nn.Conv2d)]
    if not found:
        raise ValueError(f"{type(network).__name__} has no convolution to reach into.")
    return found


def change_maps(network: nn.Module, change: Change, *, first: int) -> None:
    """Let `change` rewrite what the first so many convolutions put out, while training only.

    `change` is looked up when it is called, so it may be a bound method of the module.
    """

    def hook(module: nn.Module, _: object, maps: Tensor) -> Tensor:
        return change(maps) if module.training else maps

    for convolution in convolutions(network)[:first]:
        convolution.register_forward_hook(hook)
