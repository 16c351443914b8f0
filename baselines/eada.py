"""Entropic adversarial data augmentation."""

import copy
from typing import Annotated

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor, nn
from torch.func import functional_call
from typing_extensions import override

from dgbench.api import Batch, Ge, LogUniform, Losses, LossMethod, Paper, Task


class EADA(LossMethod):
    """Train on images from which a generator has removed what a biased classifier recognises.

    The biased classifier learns the images as they are, and so the easy pattern. An encoder and a
    decoder change each image so that the biased classifier's prediction has a large entropy, and
    keep as much of the image as they can. The classifier that is tested learns the changed images
    only, which still show the other patterns. The prediction is driven towards the uniform one by
    its divergence from it, since entropy itself has no gradient where a classifier is certain.

    A reconstruction from the abstract, without the paper's architecture and constants. It lacks the
    disentangling by which the authors control what is removed: here the squared difference of the
    pixels stands for the content. All weights are ours.
    """

    paper = Paper(
        title="Look Beyond Bias with Entropic Adversarial Data Augmentation",
        authors=(
            "Thomas Duboudin",
            "Emmanuel Dellandréa",
            "Corentin Abgrall",
            "Gilles Hénaff",
            "Liming Chen",
        ),
        year=2023,
        url="https://arxiv.org/abs/2301.03844",
    )
    regularisation = ("weight", "-content", "weight_decay")

    class Config(LossMethod.Config):
        """Hyper-parameters."""

        weight: Annotated[float, LogUniform(1e-2, 1e1), Ge(0)] = 1.0
        """Multiplier of the divergence of the biased prediction on changed images."""
        content: Annotated[float, LogUniform(1e0, 1e3), Ge(0)] = 100.0
        """Multiplier of the mean squared difference between an image and the changed one."""

    config: Config

    def __init__(self, task: Task, config: Config | None = None) -> None:
        super().__init__(task, config)
        head = copy.deepcopy(self.head)
        head.reset_parameters()
        self.biased = nn.Sequential(task.new_network(), head)
        self.generator = _Generator(task.image_shape[0])

    @override
    def loss(self, batch: Batch) -> Losses:
        changed = self.generator(batch.images)
        divergence = divergence_from_uniform(self._frozen_biased(changed))
        difference = (changed - batch.images).square().mean()
        return {
            "biased": F.cross_entropy(self.biased(batch.images), batch.labels),
            "recognised": self.config.weight * divergence,
            "content": self.config.content * difference,
            "cross_entropy": F.cross_entropy(self(changed.detach()), batch.labels),
        }

    def _frozen_biased(self, images: Float[Tensor, "b c h w"]) -> Float[Tensor, "b k"]:
        """Predict with the biased classifier, which gets no gradient from it."""
        fixed = {name: weights.detach() for name, weights in self.biased.named_parameters()}
        return functional_call(self.biased, fixed, (images,))


def divergence_from_uniform(logits: Float[Tensor, "b k"]) -> Float[Tensor, ""]:
    """Average KL(uniform || prediction) over images, in nats. 0 at the largest entropy."""
    n_classes = logits.new_tensor(logits.shape[1])
    return -(F.log_softmax(logits, dim=1).mean(dim=1) + n_classes.log()).mean()


class _Generator(nn.Module):
    """Adds to an image what a decoder makes of its code, of a quarter of the height and width.

    At first that is nothing, so that the classifier begins with the images as they are.
    """

    def __init__(self, n_channels: int) -> None:
        super().__init__()
        self.encoder = nn.Sequential(
            nn.Conv2d(n_channels, 16, 3, stride=2, padding=1),
            nn.ReLU(),
            nn.Conv2d(16, 32, 3, stride=2, padding=1),
            nn.ReLU(),
        )
        self.decoder = nn.Conv2d(32, 16, 3, padding=1)
        self.last = nn.Conv2d(16, n_channels, 3, padding=1)
        nn.init.zeros_(self.last.weight)
        nn.init.zeros_(self.last.bias)  # type: ignore[arg-type]  # it has one

    @override
    def forward(self, images: Float[Tensor, "b c h w"]) -> Float[Tensor, "b c h w"]:
        height, width = images.shape[-2:]
        code = F.interpolate(self.encoder(images), size=(-(-height // 2), -(-width // 2)))
        maps = F.interpolate(F.relu(self.decoder(code)), size=(height, width))
        return (images + torch.tanh(self.last(maps))).clamp(0, 1)
