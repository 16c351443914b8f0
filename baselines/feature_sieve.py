"""Feature sieve: let early layers forget what a small auxiliary head can read from them."""

from typing import Annotated, NamedTuple

import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor, nn
from torch.func import functional_call
from typing_extensions import override

from baselines.convolutions import convolutions
from dgbench.api import Batch, Ge, Integers, LogUniform, Losses, LossMethod, Paper, Task


class FeatureSieve(LossMethod):
    """Erase from early layers the features that are simple enough to be read there.

    What an auxiliary head can read from the first maps is available early and so is learnt first.
    The head is trained to predict the class from these maps, without changing them, and every few
    steps the first convolutions are changed so that its prediction becomes uniform. The rest of the
    network must then find features that need its depth. The authors alternate between three
    optimisers, the one that forgets with a rate of its own. Here all three losses are summed in one
    step of one optimiser, each with its gradient for its own parameters only. Place of the head,
    period and weight are ours.
    """

    paper = Paper(
        title="Overcoming Simplicity Bias in Deep Networks using a Feature Sieve",
        authors=("Rishabh Tiwari", "Pradeep Shenoy"),
        year=2023,
        url="https://arxiv.org/abs/2301.13293",
    )
    regularisation = ("weight", "weight_decay")

    class Config(LossMethod.Config):
        """Hyper-parameters."""

        weight: Annotated[float, LogUniform(1e-1, 1e2), Ge(0)] = 10.0
        """Multiplier of the loss that makes the auxiliary prediction uniform. 0 is ERM."""
        period: Annotated[int, Integers(1, 50), Ge(1)] = 10
        """Steps from one forgetting to the next."""
        depth: Annotated[int, Ge(1)] = 1
        """Number of convolutions below the auxiliary head."""

    config: Config

    def __init__(self, task: Task, config: Config | None = None) -> None:
        super().__init__(task, config)
        n_channels = self._early()[-1].out_channels
        self.auxiliary = _AuxiliaryHead(n_channels, task.n_classes)

    @override
    def loss(self, batch: Batch) -> Losses:
        maps, logits = self._pass(batch.images)
        losses = {
            "cross_entropy": F.cross_entropy(logits, batch.labels),
            "auxiliary": F.cross_entropy(self.auxiliary(maps.detach()), batch.labels),
        }
        if (batch.step + 1) % self.config.period:
            return losses
        return {**losses, "forgetting": self.config.weight * self.forgetting(maps)}

    def forgetting(self, maps: Float[Tensor, "b c h w"]) -> Float[Tensor, ""]:
        """Measure the cross-entropy of the auxiliary prediction with a uniform one.

        Its gradient reaches what made the maps, and not the auxiliary head.
        """
        fixed = {name: weights.detach() for name, weights in self.auxiliary.named_parameters()}
        logits = functional_call(self.auxiliary, fixed, (maps,))
        return -F.log_softmax(logits, dim=1).mean()

    def _early(self) -> list[nn.Conv2d]:
        return convolutions(self.network)[: self.config.depth]

    def _pass(self, images: Float[Tensor, "b c h w"]) -> "_Pass":
        """Compute the logits, and keep the output of the last early convolution."""
        outputs: list[Tensor] = []
        handle = self._early()[-1].register_forward_hook(lambda *parts: outputs.append(parts[2]))
        try:
            logits = self(images)
        finally:
            handle.remove()
        return _Pass(outputs[0], logits)


class _Pass(NamedTuple):
    """The results of one pass through the network."""

    maps: Float[Tensor, "b d e f"]
    logits: Float[Tensor, "b k"]


class _AuxiliaryHead(nn.Module):
    """Reads the class from maps by one convolution and the mean over places."""

    def __init__(self, n_channels: int, n_classes: int) -> None:
        super().__init__()
        self.convolution = nn.Conv2d(n_channels, 32, 3, padding=1)
        self.head = nn.Linear(32, n_classes)

    @override
    def forward(self, maps: Float[Tensor, "b c h w"]) -> Float[Tensor, "b k"]:
        return self.head(F.relu(self.convolution(F.relu(maps))).mean(dim=(2, 3)))
