"""OccamNet: leave the network as early as possible."""

from typing import Annotated

import torch
import torch.nn.functional as F
from jaxtyping import Bool, Float, Int
from torch import Tensor, nn
from typing_extensions import override

from baselines.convolutions import convolutions
from dgbench.api import (
    Batch,
    Ge,
    Integers,
    Le,
    LogUniform,
    Losses,
    LossMethod,
    Paper,
    Task,
    Uniform,
)


class OccamNet(LossMethod):
    """Classify at the first exit that trusts itself, and look at few places.

    Each of the first convolutions gets an exit, which consists of class maps, averaged to logits,
    and a gate. The first exit is trained on what it already predicts well, and each later exit on
    what the gate before it does not let out. A gate learns whether its exit is right, as long as
    the exit's accuracy is below a threshold. After that it keeps what it has learnt. Class maps are
    drawn towards uniformity where the label's map is below its mean. The last exit is the network's
    own head. Simple hypotheses are preferred, which finds easy patterns rather than hidden ones.

    This is a small version: one convolution makes the class maps of an exit, thresholds rise
    evenly, and accuracies are smoothed over steps instead of counted anew in each epoch.
    """

    paper = Paper(
        title="OccamNets: Mitigating Dataset Bias by Favoring Simpler Hypotheses",
        authors=("Robik Shrestha", "Kushal Kafle", "Christopher Kanan"),
        year=2022,
        url="https://arxiv.org/abs/2204.02426",
        code="https://github.com/erobic/occam-nets-v1",
    )
    batch_semantics = "local"
    regularisation = ("suppression", "gating", "weight_decay")

    class Config(LossMethod.Config):
        """Hyper-parameters."""

        n_exits: Annotated[int, Integers(1, 3), Ge(1), Le(8)] = 2
        """Exits before the last one, on the first convolutions, at most one for each of them."""
        suppression: Annotated[float, LogUniform(1e-2, 1.0), Ge(0)] = 0.1
        """Multiplier of the uniformity of class maps."""
        gating: Annotated[float, LogUniform(1e-1, 1e1), Ge(0)] = 1.0
        """Multiplier of the loss of the gates."""
        focus: Annotated[float, Uniform(1.0, 4.0), Ge(0)] = 3.0
        """Exponent of the label's probability in the weights of the first exit."""
        offset: Annotated[float, Uniform(0.05, 0.5), Ge(0)] = 0.1
        """Added to every image's weight."""
        threshold: Annotated[float, Uniform(0.3, 0.8), Ge(0), Le(1)] = 0.5
        """Accuracy of the first exit up to which its gate learns. Each later exit adds 0.1."""

    config: Config
    accuracy: Tensor
    """Smoothed accuracy of each exit."""
    was_right: Tensor
    """Whether each exit was right on each training image while its gate still learned."""

    def __init__(self, task: Task, config: Config | None = None) -> None:
        super().__init__(task, config)
        chosen = convolutions(self.network)[: self.config.n_exits]
        self.exits = nn.ModuleList(_Exit(part.out_channels, task.n_classes) for part in chosen)
        self.register_buffer("accuracy", torch.zeros(len(chosen)))
        self.register_buffer("was_right", torch.zeros(len(chosen), task.n_train, dtype=torch.bool))
        self._maps: list[Tensor] = []
        for part in chosen:
            part.register_forward_hook(lambda _module, _inputs, maps: self._maps.append(maps))

    @override
    def forward(self, images: Float[Tensor, "b c h w"]) -> Float[Tensor, "b k"]:
        exits, last = self._run(images)
        logits, is_out = last, torch.zeros(len(images), dtype=torch.bool, device=images.device)
        for class_maps, gates in exits:
            leaves = (gates > 0.5) & ~is_out
            logits = torch.where(leaves[:, None], class_maps.mean(dim=(2, 3)), logits)
            is_out = is_out | leaves
        return logits

    @override
    def loss(self, batch: Batch) -> Losses:
        exits, last = self._run(batch.images)
        terms = {"suppression": last.new_zeros(()), "gating": last.new_zeros(())}
        logits = [class_maps.mean(dim=(2, 3)) for class_maps, _ in exits] + [last]
        own = F.softmax(logits[0], dim=1).gather(1, batch.labels[:, None])[:, 0]
        weights = own.detach() ** self.config.focus
        cross_entropy = last.new_zeros(())
        for number, exit_logits in enumerate(logits):
            if number:
                weights = 1 - exits[number - 1][1].detach()
            scaled = weights / weights.max().clamp(min=1e-5) + self.config.offset
            losses = F.cross_entropy(exit_logits, batch.labels, reduction="none")
            cross_entropy = cross_entropy + (scaled * losses).mean()
        for number, (class_maps, gates) in enumerate(exits):
            targets = self._gate_targets(number, logits[number], batch)
            terms["gating"] = terms["gating"] + gate_loss(gates, targets)
            terms["suppression"] = terms["suppression"] + suppression(class_maps, batch.labels)
        return {
            "cross_entropy": cross_entropy,
            "suppression": self.config.suppression * terms["suppression"],
            "gating": self.config.gating * terms["gating"],
        }

    def _run(self, images: Tensor) -> tuple[list[tuple[Tensor, Tensor]], Tensor]:
        """Compute class maps and gates of the early exits, and the logits of the last."""
        self._maps.clear()
        last = self.head(self.features(images))
        exits = [part(maps) for part, maps in zip(self.exits, self._maps, strict=True)]
        self._maps.clear()
        return exits, last

    @torch.no_grad()
    def _gate_targets(self, number: int, logits: Tensor, batch: Batch) -> Bool[Tensor, " b"]:
        is_right = logits.argmax(dim=1) == batch.labels
        self.accuracy[number] = 0.99 * self.accuracy[number] + 0.01 * is_right.float().mean()
        is_learning = self.accuracy[number] <= self.config.threshold + 0.1 * number
        earlier = self.was_right[number, batch.index]
        self.was_right[number, batch.index] = torch.where(is_learning, is_right, earlier)
        return self.was_right[number, batch.index]


class _Exit(nn.Module):
    """Class maps and a gate from the maps of a convolution."""

    def __init__(self, n_channels: int, n_classes: int) -> None:
        super().__init__()
        self.class_maps = nn.Sequential(nn.ReLU(), nn.Conv2d(n_channels, n_classes, 1))
        self.gate = nn.Sequential(nn.Linear(n_channels, 16), nn.ReLU(), nn.Linear(16, 1))

    @override
    def forward(self, maps: Tensor) -> tuple[Tensor, Tensor]:
        gates = torch.sigmoid(self.gate(F.relu(maps).mean(dim=(2, 3))))[:, 0]
        return self.class_maps(maps), gates


def suppression(
    class_maps: Float[Tensor, "b k h w"], labels: Int[Tensor, " b"]
) -> Float[Tensor, ""]:
    """Compute KL(uniform || class maps) where the label's map is at most its mean, else 0."""
    cells = class_maps.flatten(2)
    own = cells[torch.arange(len(cells), device=cells.device), labels]
    is_weak = own <= own.mean(dim=1, keepdim=True)
    n_classes = cells.shape[1]
    logs = F.log_softmax(cells, dim=1)
    divergence = -logs.mean(dim=1) - torch.log(torch.tensor(float(n_classes)))
    return (is_weak * divergence).mean()


def gate_loss(gates: Float[Tensor, " b"], targets: Bool[Tensor, " b"]) -> Float[Tensor, ""]:
    """Binary cross-entropy in which exiting and staying count by the root of their rarity."""
    n_out = targets.sum()
    largest = torch.maximum(n_out, len(targets) - n_out)
    share = torch.where(targets, n_out, len(targets) - n_out) / largest
    losses = F.binary_cross_entropy(gates, targets.float(), reduction="none")
    return (losses / (share + 1e-5).sqrt()).mean()
