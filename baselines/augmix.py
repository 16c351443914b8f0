"""AugMix: mix chains of augmentations, and predict them alike."""

from typing import Annotated

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor
from typing_extensions import override

from dgbench.api import Batch, Choice, Ge, Gt, Le, Losses, LossMethod, Paper

N_CHAINS, MAX_DEPTH = 3, 3
_LIMITS = (torch.pi / 6, 0.3, 0.3, 2 / 3, 2 / 3)
"""Rotation in radians, shears, shifts in half images, at severity 10."""


class AugMix(LossMethod):
    """Train on mixtures of an image with moved copies of itself, and predict all alike.

    Three chains of one to three operations are mixed, with weights from a flat Dirichlet
    distribution, and the result is mixed with the image in a random proportion. Two such mixtures
    and the image itself should get the same prediction: the Jensen-Shannon divergence between the
    three is penalised. Only rotations, shears and shifts are used, because an operation on colour
    would give the answer away. What is left is a prior for invariance to position.
    """

    paper = Paper(
        title="AugMix: A Simple Data Processing Method to Improve Robustness and Uncertainty",
        authors=(
            "Dan Hendrycks",
            "Norman Mu",
            "Ekin D. Cubuk",
            "Barret Zoph",
            "Justin Gilmer",
            "Balaji Lakshminarayanan",
        ),
        year=2020,
        url="https://arxiv.org/abs/1912.02781",
        code="https://github.com/google-research/augmix",
    )
    uses = frozenset({"augmentation_prior"})

    class Config(LossMethod.Config):
        """Hyper-parameters."""

        consistency: Annotated[float, Choice(1.0, 6.0, 12.0), Ge(0)] = 12.0
        """Multiplier of the divergence."""
        severity: Annotated[float, Choice(1.0, 3.0, 5.0), Gt(0), Le(10)] = 3.0
        """Largest strength of an operation, on a scale to 10."""

    config: Config

    @override
    def loss(self, batch: Batch) -> Losses:
        views = [batch.images, self._mixture(batch, "first"), self._mixture(batch, "second")]
        logits = [self(view) for view in views]
        logs = torch.stack([F.log_softmax(view, dim=1) for view in logits])
        return {
            "cross_entropy": F.cross_entropy(logits[0], batch.labels),
            "consistency": self.config.consistency * jensen_shannon(logs),
        }

    def _mixture(self, batch: Batch, name: str) -> Float[Tensor, "b c h w"]:
        draws = batch.uniform(f"augmix {name}", 1 + N_CHAINS * (2 + 3 * MAX_DEPTH))
        own, rest = draws[:, 0], draws[:, 1:].reshape(len(draws), N_CHAINS, -1)
        weights = -torch.log(rest[:, :, 0].clamp(min=1e-7))
        weights = weights / weights.sum(dim=1, keepdim=True)
        depth = 1 + (rest[:, :, 1] * MAX_DEPTH).long()
        mixed = torch.zeros_like(batch.images)
        for chain in range(N_CHAINS):
            steps = rest[:, chain, 2:].reshape(len(draws), MAX_DEPTH, 3)
            motion = chain_motion(steps, depth[:, chain], self.config.severity)
            moved = move(batch.images, motion)
            mixed = mixed + weights[:, chain, None, None, None] * moved
        own = own[:, None, None, None]
        return own * batch.images + (1 - own) * mixed


def chain_motion(
    draws: Float[Tensor, "b s 3"], depth: Tensor, severity: float
) -> Float[Tensor, "b 3 3"]:
    """Multiply the first `depth` motions, with kind, strength and sign from `draws`."""
    n, n_steps = draws.shape[:2]
    identity = torch.eye(3, dtype=draws.dtype, device=draws.device).expand(n, 3, 3)
    limits = torch.tensor(_LIMITS, dtype=draws.dtype, device=draws.device)
    motion = identity
    for step in range(n_steps):
        kind = (draws[:, step, 0] * len(_LIMITS)).long()
        strength = (0.1 + (severity - 0.1) * draws[:, step, 1]) / 10 * limits[kind]
        strength = torch.where(draws[:, step, 2] < 0.5, -strength, strength)
        here = _motion(kind, strength, identity)
        motion = torch.where((step < depth)[:, None, None], here @ motion, motion)
    return motion


def _motion(
    kind: Tensor, strength: Float[Tensor, " b"], identity: Float[Tensor, "b 3 3"]
) -> Float[Tensor, "b 3 3"]:
    motion = identity.clone()
    is_turn = kind == 0
    cosine, sine = torch.cos(strength), torch.sin(strength)
    motion[:, 0, 0] = torch.where(is_turn, cosine, 1.0)
    motion[:, 1, 1] = torch.where(is_turn, cosine, 1.0)
    motion[:, 0, 1] = torch.where(is_turn, -sine, torch.where(kind == 1, strength, 0.0))
    motion[:, 1, 0] = torch.where(is_turn, sine, torch.where(kind == 2, strength, 0.0))
    motion[:, 0, 2] = torch.where(kind == 3, strength, 0.0)
    motion[:, 1, 2] = torch.where(kind == 4, strength, 0.0)
    return motion


def move(
    images: Float[Tensor, "b c h w"], motion: Float[Tensor, "b 3 3"]
) -> Float[Tensor, "b c h w"]:
    """Images seen through affine motions, black outside."""
    grid = F.affine_grid(motion[:, :2], list(images.shape), align_corners=False)
    return F.grid_sample(images, grid, align_corners=False)


def jensen_shannon(logs: Float[Tensor, "v b k"]) -> Float[Tensor, ""]:
    """The Jensen-Shannon divergence of several predictions, averaged over images."""
    mixture = logs.exp().mean(dim=0).clamp(min=1e-7).log()
    return (logs.exp() * (logs - mixture)).sum(dim=2).mean()
