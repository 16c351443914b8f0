"""MixStyle: mix the statistics of feature maps between images."""

from typing import Annotated

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor
from typing_extensions import override

from baselines.convolutions import change_maps
from dgbench.api import (
    Batch,
    Choice,
    Ge,
    Gt,
    Integers,
    Le,
    Losses,
    LossMethod,
    Paper,
    Task,
    Uniform,
)


class MixStyle(LossMethod):
    """Mix mean and spread of early feature maps with those of another image.

    The statistics of a map are taken for style, which leaves the class unchanged. That is a prior
    which gives away colour and texture, whichever of them is the pattern. Partners come from the
    same device.
    """

    paper = Paper(
        title="Domain Generalization with MixStyle",
        authors=("Kaiyang Zhou", "Yongxin Yang", "Yu Qiao", "Tao Xiang"),
        year=2021,
        url="https://arxiv.org/abs/2104.02008",
        code="https://github.com/KaiyangZhou/mixstyle-release",
    )
    uses = frozenset({"augmentation_prior"})
    batch_semantics = "local"

    class Config(LossMethod.Config):
        """Hyper-parameters."""

        probability: Annotated[float, Uniform(0.1, 1.0), Ge(0), Le(1)] = 0.5
        """Probability that a batch is mixed at a layer. 0 is ERM."""
        alpha: Annotated[float, Choice(0.1, 0.2, 0.3), Gt(0)] = 0.1
        """Both parameters of the Beta distribution of an image's own share."""
        n_layers: Annotated[int, Integers(1, 3), Gt(0)] = 1
        """How many of the first convolutions are mixed."""

    config: Config

    def __init__(self, task: Task, config: Config | None = None) -> None:
        super().__init__(task, config)
        change_maps(self.network, self._mixed, first=self.config.n_layers)

    @override
    def loss(self, batch: Batch) -> Losses:
        return {"cross_entropy": F.cross_entropy(self(batch.images), batch.labels)}

    def _mixed(self, maps: Float[Tensor, "b c h w"]) -> Float[Tensor, "b c h w"]:
        if torch.rand(()).item() >= self.config.probability:
            return maps
        alpha = torch.full((len(maps), 1, 1, 1), self.config.alpha, device=maps.device)
        own = torch.distributions.Beta(alpha, alpha).sample()
        partners = torch.randperm(len(maps), device=maps.device)
        return mix_styles(maps, partners, own)


def mix_styles(
    maps: Float[Tensor, "b c h w"], partners: Tensor, own: Float[Tensor, "b 1 1 1"]
) -> Float[Tensor, "b c h w"]:
    """Give maps their own share of their statistics, and the rest of their partner's."""
    mean = maps.mean(dim=(2, 3), keepdim=True).detach()
    spread = (maps.var(dim=(2, 3), keepdim=True) + 1e-6).sqrt().detach()
    new_mean = own * mean + (1 - own) * mean[partners]
    new_spread = own * spread + (1 - own) * spread[partners]
    return (maps - mean) / spread * new_spread + new_mean
