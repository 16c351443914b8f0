"""Mixup: classify blends of two images as blends of two classes."""

from random import Random
from typing import Annotated

import torch.nn.functional as F
from typing_extensions import override

from baselines.partners import partners
from dgbench.api import Batch, Gt, LogUniform, Losses, LossMethod, Paper


class Mixup(LossMethod):
    """Cross-entropy on blends of two images, with their labels in the same proportion.

    Between the images of two classes the logits must change evenly, which keeps them small and the
    boundary far from either. A blend of two colours is as good a mixture as a blend of two shapes,
    so the loss has no reason to prefer one pattern to another. One proportion is drawn for the
    whole batch, as in the paper. Partners stand in a random ring, so that no image meets itself.
    """

    paper = Paper(
        title="mixup: Beyond Empirical Risk Minimization",
        authors=("Hongyi Zhang", "Moustapha Cisse", "Yann N. Dauphin", "David Lopez-Paz"),
        year=2018,
        url="https://arxiv.org/abs/1710.09412",
    )
    batch_semantics = "global"

    class Config(LossMethod.Config):
        """Hyper-parameters."""

        alpha: Annotated[float, LogUniform(1e-1, 1e1), Gt(0)] = 0.2
        """Both parameters of the Beta distribution of the proportion. Towards 0 one image prevails,
        which is ERM. At 1 it is uniform, and with large values always near a half."""

    config: Config

    @override
    def loss(self, batch: Batch) -> Losses:
        # From the standard library: torch's generator depends on the device, and all must agree.
        draws = Random(f"mixup {batch.seed} {batch.step}")  # noqa: S311  (no secret)
        share = draws.betavariate(self.config.alpha, self.config.alpha)
        other = partners(batch, self.gather)
        logits = self(share * batch.images + (1 - share) * other.images)
        return {
            "own": share * F.cross_entropy(logits, batch.labels),
            "other": (1 - share) * F.cross_entropy(logits, other.labels),
        }
