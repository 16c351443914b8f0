"""Collect the values of a batch that is spread over several devices, with their gradients."""

from typing import Any

import torch
from torch import Tensor
from torch import distributed as dist
from typing_extensions import override


class _AllGather(torch.autograd.Function):
    """Stack the shares of all processes. Backward sums each share's gradient over them."""

    @override
    @staticmethod
    def forward(context: Any, share: Tensor) -> Tensor:
        share = share.contiguous()  # images may be stored with their channels last
        shares = [torch.empty_like(share) for _ in range(dist.get_world_size())]
        dist.all_gather(shares, share)
        return torch.stack(shares, dim=1)

    @override
    @staticmethod
    def backward(context: Any, *gradients: Tensor) -> Tensor:
        total = gradients[0].contiguous()
        dist.all_reduce(total)
        return total[:, dist.get_rank()]


def gather(values: Tensor) -> Tensor:
    """Join the values (b, ...) of all processes to (b * processes, ...), in the batch's order.

    Every process gets the same tensor. If each computes a loss from it and the gradients of the
    parameters are averaged over processes, as DDP does, the result is the gradient of one process
    that sees the whole batch.
    """
    if not (dist.is_available() and dist.is_initialized()) or dist.get_world_size() == 1:
        return values
    # Process r holds the rows r, r + w, r + 2w ...: interleaving restores the order.
    return _AllGather.apply(values).flatten(0, 1)
