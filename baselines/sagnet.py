"""SagNet: style-agnostic features."""

from dataclasses import dataclass
from typing import Annotated

import torch
import torch.nn.functional as F
from jaxtyping import Float
from lightning.pytorch.core.optimizer import LightningOptimizer
from torch import Tensor, nn
from typing_extensions import override

from dgbench.api import Batch, Ge, LogUniform, Method, Task


class SagNet(Method):
    """Classify with the style of another image, and make style useless for classifying.

    Style is the mean and spread of an image's features. The content head sees features with mixed
    styles; a style head sees the own style on another's content and learns the class from it, and
    the network is trained so that it cannot. As DomainBed has it, on the features before the head,
    where an image has one mean and one spread; the paper randomises feature maps of a ResNet.

    Reference: Nam et al. 2021, Reducing Domain Gap by Reducing Style Bias, arXiv 1910.11645.
    """

    uses = frozenset({"augmentation_prior"})
    batch_semantics = "local"

    @dataclass(frozen=True, kw_only=True)
    class Config(Method.Config):
        """Hyper-parameters."""

        weight: Annotated[float, LogUniform(1e-2, 1e1), Ge(0)] = 0.1
        """Multiplier of the adversarial loss."""

    config: Config

    def __init__(self, task: Task, config: Config | None = None) -> None:
        super().__init__(task, config)
        self.style_head = nn.Linear(task.n_features, task.n_classes)
        self.automatic_optimization = False

    @override
    def configure_optimizers(self) -> list[torch.optim.Optimizer]:
        return [
            torch.optim.Adam(
                part.parameters(),
                lr=self.config.learning_rate,
                weight_decay=self.config.weight_decay,
            )
            for part in (self.network, self.head, self.style_head)
        ]

    @override
    def training_step(self, batch: Batch, batch_idx: int) -> dict[str, Tensor]:
        network, head, style_head = self._optimizers()
        features = self.features(batch.images)
        content = F.cross_entropy(self.head(with_mixed_style(features)), batch.labels)
        self._step(content, network, head)
        features = self.features(batch.images)
        style = F.cross_entropy(self.style_head(with_other_content(features)), batch.labels)
        self._step(style, style_head)
        logits = self.style_head(with_other_content(self.features(batch.images)))
        adversary = -F.log_softmax(logits, dim=1).mean()
        self._step(self.config.weight * adversary, network)
        return {"loss": content.detach(), "style": style.detach(), "adversary": adversary.detach()}

    def _optimizers(self) -> list[LightningOptimizer]:
        found = self.optimizers()
        assert isinstance(found, list)  # noqa: S101  (three were configured)
        return found

    def _step(self, loss: Tensor, *optimizers: LightningOptimizer) -> None:
        self.zero_grad()
        self.manual_backward(loss)
        for optimizer in optimizers:
            optimizer.step()


def with_mixed_style(features: Float[Tensor, "b d"]) -> Float[Tensor, "b d"]:
    """Each content, with a style between its own and another image's."""
    content, mean, variance = _parts(features)
    partners = torch.randperm(len(features), device=features.device)
    share = torch.rand(len(features), 1, device=features.device)
    mean = share * mean + (1 - share) * mean[partners]
    variance = share * variance + (1 - share) * variance[partners]
    return content * (variance + 1e-5).sqrt() + mean


def with_other_content(features: Float[Tensor, "b d"]) -> Float[Tensor, "b d"]:
    """Each style, on the content of another image, which gets no gradient."""
    content, mean, variance = _parts(features)
    partners = torch.randperm(len(features), device=features.device)
    return content[partners].detach() * (variance + 1e-5).sqrt() + mean


def _parts(features: Float[Tensor, "b d"]) -> tuple[Tensor, Tensor, Tensor]:
    mean = features.mean(dim=1, keepdim=True)
    variance = features.var(dim=1, keepdim=True)
    return (features - mean) / (variance + 1e-5).sqrt(), mean, variance
