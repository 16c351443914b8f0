"""Representation self-challenging: mute the features that the prediction leans on most."""

from typing import Annotated

import torch
import torch.nn.functional as F
from jaxtyping import Bool, Float, Int
from torch import Tensor
from typing_extensions import override

from dgbench.api import Batch, Ge, Losses, LossMethod, Lt, Paper, Uniform


class RSC(LossMethod):
    """Cross-entropy without the features that speak most for the class, where they matter most.

    What the head relies on is taken away, so that the class must be found in what remains. No other
    plain method comes closer to asking for a hidden pattern, but a pattern that is spread over many
    features survives the muting of some. As in DomainBed, whole features are muted and the share of
    images is fixed. The authors also mute places of the last map and let the share grow.
    """

    paper = Paper(
        title="Self-Challenging Improves Cross-Domain Generalization",
        authors=("Zeyi Huang", "Haohan Wang", "Eric P. Xing", "Dong Huang"),
        year=2020,
        url="https://arxiv.org/abs/2007.02454",
        code="https://github.com/DeLightCMU/RSC",
    )
    batch_semantics = "global"

    class Config(LossMethod.Config):
        """Hyper-parameters."""

        feature_share: Annotated[float, Uniform(0, 0.5), Ge(0), Lt(1)] = 1 / 3
        """Share of an image's features that are muted, in [0, 1). 0 is ERM."""
        image_share: Annotated[float, Uniform(0, 0.5), Ge(0), Lt(1)] = 1 / 3
        """Share of the batch in which they are muted, in [0, 1). 0 is ERM."""

    config: Config

    @override
    def loss(self, batch: Batch) -> Losses:
        z = self.features(batch.images)
        logits = self.head(z * ~self._muted(z.detach(), batch.labels))
        return {"cross_entropy": F.cross_entropy(logits, batch.labels)}

    @torch.no_grad()
    def _muted(self, z: Float[Tensor, "b d"], labels: Int[Tensor, " b"]) -> Bool[Tensor, "b d"]:
        """Find the strongest features of the images that lose most confidence without them."""
        # The gradient of the label's logit by the features: the head is linear.
        gradient = self.head.weight[labels]
        limits = torch.quantile(gradient, 1 - self.config.feature_share, dim=1, keepdim=True)
        is_strong = gradient > limits
        change = self._confidence(z, labels) - self._confidence(z * ~is_strong, labels)
        limit = torch.quantile(self.gather(change), 1 - self.config.image_share)
        return is_strong & (change > limit)[:, None]

    def _confidence(
        self, z: Float[Tensor, "b d"], labels: Int[Tensor, " b"]
    ) -> Float[Tensor, " b"]:
        """Compute the probability that the head gives to the label."""
        probabilities = self.head(z).float().softmax(1)
        return probabilities.gather(1, labels[:, None])[:, 0]
