"""Supervised contrastive learning beside cross-entropy: samples of one class attract."""

from typing import Annotated

import torch
import torch.nn.functional as F
from jaxtyping import Float, Int
from torch import Tensor
from typing_extensions import override

from baselines.pairs import mean_over_rows, pairs_of
from dgbench.api import Batch, Ge, Gt, LogUniform, Losses, LossMethod, Paper


class SupCon(LossMethod):
    """Cross-entropy and a loss that draws samples of one class together.

    The negative control of the suite: what all samples of a class share is the easiest pattern, and
    drawing them together on it removes the others. Let s be the cosine of two feature vectors
    divided by the temperature. The loss of sample i is the mean over its class mates p of log(sum
    over all a != i of exp(s_ia)) - s_ip, which is L_out of the paper. The paper trains the features
    alone, on two augmented views, and the head afterwards. Here both are trained at once, on the
    images as they are.
    """

    paper = Paper(
        title="Supervised Contrastive Learning",
        authors=(
            "Prannay Khosla",
            "Piotr Teterwak",
            "Chen Wang",
            "Aaron Sarna",
            "Yonglong Tian",
            "Phillip Isola",
            "Aaron Maschinot",
            "Ce Liu",
            "Dilip Krishnan",
        ),
        year=2020,
        url="https://arxiv.org/abs/2004.11362",
        code="https://github.com/HobbitLong/SupContrast",
    )
    batch_semantics = "global"

    class Config(LossMethod.Config):
        """Hyper-parameters."""

        weight: Annotated[float, LogUniform(0.03, 3.0), Ge(0)] = 1.0
        """Multiplier of the contrastive loss. 0 is ERM."""
        temperature: Annotated[float, LogUniform(0.05, 0.5), Gt(0)] = 0.1
        """Divisor of the cosines."""

    config: Config

    @override
    def loss(self, batch: Batch) -> Losses:
        features = self.features(batch.images)
        unit = F.normalize(self.gather(features), dim=1)
        contrast = _contrast(unit, self.gather(batch.labels), self.config.temperature)
        return {
            "cross_entropy": F.cross_entropy(self.head(features), batch.labels),
            "contrast": self.config.weight * contrast,
        }


def _contrast(
    unit: Float[Tensor, "b d"], labels: Int[Tensor, " b"], temperature: float
) -> Float[Tensor, ""]:
    same, different = pairs_of(labels)
    similar = unit @ unit.T / temperature
    others = similar.masked_fill(~(same | different), -torch.inf)
    return mean_over_rows(torch.logsumexp(others, dim=1, keepdim=True) - similar, same)
