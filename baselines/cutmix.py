"""CutMix: paste a rectangle of one image into another, and mix the labels by area."""

from typing import Annotated

import torch
import torch.nn.functional as F
from jaxtyping import Bool
from torch import Tensor
from typing_extensions import override

from baselines.partners import partners
from dgbench.api import Batch, Ge, Le, Losses, LossMethod, Paper, Uniform


class CutMix(LossMethod):
    """Cross-entropy on images with a rectangle of another one, and labels in proportion to area.

    A class must be recognised from whichever part is left, so that a pattern in one corner does not
    suffice. A pattern that is spread over the image, such as its colour, is still there in every
    part and even shows how much of each image there is. A rectangle is drawn for each image,
    whereas the authors' code cuts the same one into a whole batch. Labels follow the exact area.
    """

    paper = Paper(
        title="CutMix: Regularization Strategy to Train Strong Classifiers with Localizable "
        "Features",
        authors=(
            "Sangdoo Yun",
            "Dongyoon Han",
            "Seong Joon Oh",
            "Sanghyuk Chun",
            "Junsuk Choe",
            "Youngjoon Yoo",
        ),
        year=2019,
        url="https://arxiv.org/abs/1905.04899",
    )
    batch_semantics = "global"

    class Config(LossMethod.Config):
        """Hyper-parameters."""

        probability: Annotated[float, Uniform(0, 1), Ge(0), Le(1)] = 0.5
        """Chance that an image is cut into, in [0, 1]. 0 is ERM. The area of the rectangle is
        uniform, as with the paper's alpha of 1."""

    config: Config

    @override
    def loss(self, batch: Batch) -> Losses:
        other = partners(batch, self.gather)
        is_other = _rectangles(batch)
        is_other &= (batch.uniform("cut") < self.config.probability)[:, :, None]
        share = is_other.float().mean((1, 2))
        logits = self(torch.where(is_other[:, None], other.images, batch.images))
        own = F.cross_entropy(logits, batch.labels, reduction="none")
        pasted = F.cross_entropy(logits, other.labels, reduction="none")
        return {"own": ((1 - share) * own).mean(), "other": (share * pasted).mean()}


def _rectangles(batch: Batch) -> Bool[Tensor, "b h w"]:
    """Draw a rectangle of random area and place for each image, clipped at its edges."""
    area, middle_y, middle_x = batch.uniform("rectangle", 3).T
    is_inside = []
    for middle, size in zip((middle_y, middle_x), batch.images.shape[2:], strict=True):
        half = (size * area.sqrt()).int() // 2
        distance = torch.arange(size, device=area.device) - (middle * size).int()[:, None]
        is_inside.append((distance >= -half[:, None]) & (distance < half[:, None]))
    return is_inside[0][:, :, None] & is_inside[1][:, None, :]
