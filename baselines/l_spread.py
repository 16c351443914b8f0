"""Spread: classes attract as a whole while their samples are kept apart."""

from typing import Annotated

import torch
import torch.nn.functional as F
from jaxtyping import Float, Int
from torch import Tensor
from typing_extensions import override

from baselines.pairs import mean_over_rows, pairs_of
from dgbench.api import Batch, Ge, Gt, Le, LogUniform, Losses, LossMethod, Paper, Uniform


class LSpread(LossMethod):
    """Draw samples of one class together, and keep each apart from the others of its class.

    The nearest published relative of the partially reversed loss. Let s be the cosine of two
    feature vectors divided by the temperature. Sample i has the terms

    - attract: the mean over its class mates p of log(exp(s_ip) + sum over other classes of
      exp(s_in)) - s_ip;
    - repel: log(sum over its class, itself included, of exp(s_ip)) - s_ii, the class-conditional
      InfoNCE loss.

    The paper takes a second, augmented view of i for s_ii. Here the image stands for it, so that no
    augmentation is needed and the term only repels. The head is trained at the same time, not
    afterwards.
    """

    paper = Paper(
        title="Perfectly Balanced: Improving Transfer and Robustness of Supervised Contrastive "
        "Learning",
        authors=(
            "Mayee F. Chen",
            "Daniel Y. Fu",
            "Avanika Narayan",
            "Michael Zhang",
            "Zhao Song",
            "Kayvon Fatahalian",
            "Christopher Ré",
        ),
        year=2022,
        url="https://arxiv.org/abs/2204.07596",
        code="https://github.com/HazyResearch/thanos-code",
    )
    batch_semantics = "global"

    class Config(LossMethod.Config):
        """Hyper-parameters."""

        weight: Annotated[float, LogUniform(0.03, 3.0), Ge(0)] = 1.0
        """Multiplier of both terms. 0 is ERM."""
        repulsion: Annotated[float, Uniform(0.1, 0.9), Ge(0), Le(1)] = 0.5
        """Share of the repelling term. The rest attracts."""
        temperature: Annotated[float, LogUniform(0.05, 1.0), Gt(0)] = 0.5
        """Divisor of the cosines."""

    config: Config

    @override
    def loss(self, batch: Batch) -> Losses:
        config = self.config
        features = self.features(batch.images)
        unit = F.normalize(self.gather(features), dim=1)
        similar = unit @ unit.T / config.temperature
        labels = self.gather(batch.labels)
        attract = config.weight * (1 - config.repulsion)
        repel = config.weight * config.repulsion
        return {
            "cross_entropy": F.cross_entropy(self.head(features), batch.labels),
            "attract": attract * _attraction(similar, labels),
            "repel": repel * _repulsion(similar, labels),
        }


def _attraction(similar: Float[Tensor, "b b"], labels: Int[Tensor, " b"]) -> Float[Tensor, ""]:
    same, different = pairs_of(labels)
    others = torch.logsumexp(similar.masked_fill(~different, -1e9), dim=1, keepdim=True)
    return mean_over_rows(torch.logaddexp(similar, others) - similar, same)


def _repulsion(similar: Float[Tensor, "b b"], labels: Int[Tensor, " b"]) -> Float[Tensor, ""]:
    _, different = pairs_of(labels)
    own = torch.logsumexp(similar.masked_fill(different, -torch.inf), dim=1)
    return (own - similar.diagonal()).mean()
