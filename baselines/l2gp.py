"""L2GP: learn less generalisable patterns with a second classifier."""

import copy
from typing import Annotated

import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor
from typing_extensions import override

from dgbench.api import Batch, Ge, LogUniform, Losses, LossMethod, Paper, Task


class L2GP(LossMethod):
    """Let a second classifier learn patterns that do not carry over from one image to the next.

    An easy pattern is the same in all images of a class, so that what is learnt from some images
    helps with others. The second classifier on the same features is trained with an additional loss
    that punishes this: the cosine between the gradients of its head on the two halves of a batch.
    What it needs of the features is less general and more diverse, and the first classifier, which
    is trained as ERM and predicts, finds it there.

    A reconstruction from the abstract, which says what the loss does and not how it is computed.
    Its form and its weight are ours, and the adaptation at test time that the paper combines it
    with is left out.
    """

    paper = Paper(
        title="Learning Less Generalizable Patterns with an Asymmetrically Trained Double "
        "Classifier for Better Test-Time Adaptation",
        authors=(
            "Thomas Duboudin",
            "Emmanuel Dellandréa",
            "Corentin Abgrall",
            "Gilles Hénaff",
            "Liming Chen",
        ),
        year=2022,
        url="https://arxiv.org/abs/2210.09834",
    )
    batch_semantics = "global"
    regularisation = ("weight", "weight_decay")

    class Config(LossMethod.Config):
        """Hyper-parameters."""

        weight: Annotated[float, LogUniform(1e-2, 1e1), Ge(0)] = 1.0
        """Multiplier of the cosine of the gradients. 0 is ERM with two heads."""

    config: Config

    def __init__(self, task: Task, config: Config | None = None) -> None:
        super().__init__(task, config)
        self.second_head = copy.deepcopy(self.head)
        self.second_head.reset_parameters()

    @override
    def loss(self, batch: Batch) -> Losses:
        features = self.features(batch.images)
        second = self.second_head(features)
        errors = F.softmax(second, dim=1) - F.one_hot(batch.labels, self.task.n_classes)
        transfer = gradient_cosine(self.gather(features), self.gather(errors))
        return {
            "cross_entropy": F.cross_entropy(self.head(features), batch.labels),
            "second": F.cross_entropy(second, batch.labels),
            "transfer": self.config.weight * transfer,
        }


def gradient_cosine(
    features: Float[Tensor, "b d"], errors: Float[Tensor, "b k"]
) -> Float[Tensor, ""]:
    """Compute the cosine between a linear head's gradients on two halves of a batch.

    `errors` are probabilities minus the labels' indicators: the gradient of an image's
    cross-entropy with respect to the head's weights is the outer product of errors and features.
    """
    half = len(features) // 2
    first = errors[:half].T @ features[:half]
    second = errors[half:].T @ features[half:]
    return F.cosine_similarity(first.flatten(), second.flatten(), dim=0, eps=1e-8)
