"""CutMix: paste a rectangle of another image."""

from dataclasses import dataclass
from typing import Annotated

import torch
import torch.nn.functional as F
from torchvision.transforms import v2
from typing_extensions import override

from dgbench.api import Batch, Ge, Gt, Le, LogUniform, Losses, LossMethod, Uniform


class CutMix(LossMethod):
    """Paste a rectangle of another image, and mix the labels by area.

    The glyph is cut while a colour stays readable from what is left of it, so this may favour the
    patterns that are everywhere. Rectangles are the same for a whole batch on one device.

    Reference: Yun et al. 2019, CutMix, arXiv 1905.04899.
    """

    batch_semantics = "local"

    @dataclass(frozen=True, kw_only=True)
    class Config(LossMethod.Config):
        """Hyper-parameters."""

        alpha: Annotated[float, LogUniform(1e-1, 1e1), Gt(0)] = 1.0
        """Both parameters of the beta distribution of the area that is kept."""
        share: Annotated[float, Uniform(0.1, 1.0), Ge(0), Le(1)] = 0.5
        """Share of the batches that are mixed; 0 is ERM."""

    config: Config

    @override
    def loss(self, batch: Batch) -> Losses:
        images, labels = batch.images, batch.labels
        if torch.rand(()).item() < self.config.share:
            mix = v2.CutMix(alpha=self.config.alpha, num_classes=self.task.n_classes)
            images, labels = mix(images, labels)
        return {"cross_entropy": F.cross_entropy(self(images), labels)}
