"""Adversarial augmentation with maximum entropy."""

from typing import Annotated

import torch
import torch.nn.functional as F
from jaxtyping import Float, Int
from torch import Tensor
from typing_extensions import override

from dgbench.api import Batch, Ge, Gt, Integers, Le, LogUniform, Losses, LossMethod, Paper, Uniform


class MEADA(LossMethod):
    """Train also on images changed so that they are hard and uncertain, yet close in features.

    The changed images climb along cross-entropy + entropy x H(prediction) - distance x d^2, where d
    is how far the features moved. Where the prediction rests on colour, colour is what changes. The
    paper adds the changed images to the training set in a few rounds. Here a share of each batch is
    replaced by images changed on the spot, in fewer and larger steps, so that the training set
    stays as it is.
    """

    paper = Paper(
        title="Maximum-Entropy Adversarial Data Augmentation for Improved Generalization and "
        "Robustness",
        authors=("Long Zhao", "Ting Liu", "Xi Peng", "Dimitris Metaxas"),
        year=2020,
        url="https://arxiv.org/abs/2010.08001",
        code="https://github.com/garyzhao/ME-ADA",
    )

    class Config(LossMethod.Config):
        """Hyper-parameters."""

        share: Annotated[float, Uniform(0.1, 0.5), Ge(0), Le(1)] = 0.25
        """Share of the images that are changed. 0 is ERM."""
        n_steps: Annotated[int, Integers(1, 5), Ge(1)] = 3
        """Steps of the climb."""
        step_size: Annotated[float, LogUniform(1e-1, 1e2), Gt(0)] = 10.0
        """Factor of the gradient of an image's own objective, in pixel values."""
        entropy: Annotated[float, LogUniform(1e-1, 1e2), Ge(0)] = 10.0
        """Multiplier of the entropy of the prediction. 0 is ADA."""
        distance: Annotated[float, LogUniform(1e-1, 1e1), Ge(0)] = 1.0
        """Multiplier of the squared distance in features."""

    config: Config

    @override
    def loss(self, batch: Batch) -> Losses:
        chosen = batch.uniform("me-ada")[:, 0] < self.config.share
        changed = self.changed(batch.images, batch.labels)
        images = torch.where(chosen[:, None, None, None], changed, batch.images)
        return {"cross_entropy": F.cross_entropy(self(images), batch.labels)}

    def changed(
        self, images: Float[Tensor, "b c h w"], labels: Int[Tensor, " b"]
    ) -> Float[Tensor, "b c h w"]:
        """Let the images climb, within [0, 1]."""
        config = self.config
        with torch.enable_grad():
            origin = self.features(images).detach()
            for _ in range(config.n_steps):
                images = images.detach().requires_grad_()
                features = self.features(images)
                logs = F.log_softmax(self.head(features), dim=1)
                # Sums, so that an image's climb does not depend on the size of the batch.
                objective = (
                    F.nll_loss(logs, labels, reduction="sum")
                    - config.entropy * (logs.exp() * logs).sum()
                    - config.distance * (features - origin).square().sum()
                )
                gradient = torch.autograd.grad(objective, images)[0]
                images = (images + config.step_size * gradient).clamp(0, 1)
        return images.detach()
