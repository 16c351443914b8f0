"""Pairs of samples in a batch: which of them share a class, and means over them."""

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor


def pairs_of(labels: Int[Tensor, " b"]) -> tuple[Bool[Tensor, "b b"], Bool[Tensor, "b b"]]:
    """Tell which pairs of two different samples share a class, and which pairs do not."""
    equal = labels[:, None] == labels[None, :]
    return equal & ~torch.eye(len(labels), dtype=torch.bool, device=labels.device), ~equal


def mean_over(values: Float[Tensor, "b b"], pairs: Bool[Tensor, "b b"]) -> Float[Tensor, ""]:
    """Average over the given pairs. 0 without any."""
    return (values * pairs).sum() / pairs.sum().clamp(min=1)


def log_mean_exp(values: Float[Tensor, "b b"], pairs: Bool[Tensor, "b b"]) -> Float[Tensor, ""]:
    """Take each row's log of the mean exponential over its pairs, and average over the rows."""
    counts = pairs.sum(dim=1)
    has_pairs = counts > 0
    # Rows without pairs are left out before the logarithm, whose gradient there is NaN.
    chosen = values.masked_fill(~pairs, -torch.inf)[has_pairs]
    rows = torch.logsumexp(chosen, dim=1) - counts[has_pairs].to(values.dtype).log()
    return rows.sum() / has_pairs.sum().clamp(min=1)


def mean_over_rows(values: Float[Tensor, "b b"], pairs: Bool[Tensor, "b b"]) -> Float[Tensor, ""]:
    """Average each row over its pairs, then over the rows that have any. 0 without any."""
    counts = pairs.sum(dim=1)
    rows = torch.where(pairs, values, 0.0).sum(dim=1) / counts.clamp(min=1)
    return rows.sum() / (counts > 0).sum().clamp(min=1)
