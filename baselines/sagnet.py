"""SagNet: style-agnostic features."""

from typing import Annotated

import torch
import torch.nn.functional as F
from jaxtyping import Float
from lightning.pytorch.core.optimizer import LightningOptimizer
from torch import Tensor, nn
from typing_extensions import override

from dgbench.api import Batch, Ge, LogUniform, Method, Paper, Task


class SagNet(Method):
    """Classify with the style of another image, and make style useless for classifying.

    Style is the mean and spread of an image's features. The content head sees features with mixed
    styles. A style head sees an image's own style on another image's content and learns the class
    from it, and the network is trained so that it cannot. As in DomainBed, this happens on the
    features before the head, where an image has one mean and one spread. The paper randomises
    feature maps of a ResNet.
    """

    paper = Paper(
        title="Reducing Domain Gap by Reducing Style Bias",
        authors=("Hyeonseob Nam", "HyunJae Lee", "Jongchan Park", "Wonjun Yoon", "Donggeun Yoo"),
        year=2021,
        url="https://arxiv.org/abs/1910.11645",
        code="https://github.com/hyeonseobnam/sagnet",
    )
    uses = frozenset({"augmentation_prior"})
    batch_semantics = "local"

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
        optimizers = self.optimizers()
        assert isinstance(optimizers, list)  # noqa: S101  (three were configured)
        return optimizers

    def _step(self, loss: Tensor, *optimizers: LightningOptimizer) -> None:
        self.zero_grad()
        self.manual_backward(loss)
        for optimizer in optimizers:
            optimizer.step()


def with_mixed_style(features: Float[Tensor, "b d"]) -> Float[Tensor, "b d"]:
    """Give each content a style between its own and another image's."""
    content, mean, variance = _parts(features)
    partners = torch.randperm(len(features), device=features.device)
    share = torch.rand(len(features), 1, device=features.device)
    mean = share * mean + (1 - share) * mean[partners]
    variance = share * variance + (1 - share) * variance[partners]
    return content * (variance + 1e-5).sqrt() + mean


def with_other_content(features: Float[Tensor, "b d"]) -> Float[Tensor, "b d"]:
    """Put each style on the content of another image, which gets no gradient."""
    content, mean, variance = _parts(features)
    partners = torch.randperm(len(features), device=features.device)
    return content[partners].detach() * (variance + 1e-5).sqrt() + mean


def _parts(features: Float[Tensor, "b d"]) -> tuple[Tensor, Tensor, Tensor]:
    mean = features.mean(dim=1, keepdim=True)
    variance = features.var(dim=1, keepdim=True)
    return (features - mean) / (variance + 1e-5).sqrt(), mean, variance
