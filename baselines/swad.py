"""Stochastic weight averaging, densely: the mean of all weights along the valley of the loss."""

from typing import Annotated, Any, Literal

import torch
import torch.nn.functional as F
from jaxtyping import Float, Int
from torch import Tensor, nn
from torch.func import functional_call
from typing_extensions import override

from dgbench.api import Batch, Ge, Gt, Integers, Method, Paper, Task, Uniform


class SWAD(Method):
    """Cross-entropy, tested with the mean of the weights of all steps while the loss was lowest.

    The mean lies in the middle of a wide valley, where a shift of the data costs little. But all
    weights that enter it come from one descent, which found whichever pattern was easiest, so the
    mean does not bring in another. The authors find the valley by the loss on validation images. A
    method has none here, so the mean training loss of a window of steps is used. Overfitting does
    not raise that loss, so the valley may well last until training ends. Its end is looked for only
    once its beginning is settled. Statistics of batch normalisation are those of the last step.
    """

    paper = Paper(
        title="SWAD: Domain Generalization by Seeking Flat Minima",
        authors=(
            "Junbum Cha",
            "Sanghyuk Chun",
            "Kyungjae Lee",
            "Han-Cheol Cho",
            "Seunghyun Park",
            "Yunsung Lee",
            "Sungrae Park",
        ),
        year=2021,
        url="https://arxiv.org/abs/2102.08604",
        code="https://github.com/khanrc/swad",
    )
    regularisation = ("tolerance", "n_tolerated", "weight_decay")

    class Config(Method.Config):
        """Hyper-parameters."""

        n_windows: Annotated[int, Ge(1)] = 50
        """Number of windows into which the training is divided. The loss is read after each."""
        n_converged: Annotated[int, Integers(2, 5), Ge(1)] = 3
        """The valley begins with the first window whose loss is the lowest of this many windows,
        itself and those after it. 1 begins with the very first window."""
        n_tolerated: Annotated[int, Integers(3, 9), Ge(1)] = 6
        """The valley ends before this many windows in a row with too high a loss."""
        tolerance: Annotated[float, Uniform(0.1, 0.5), Gt(0)] = 0.3
        """A loss is too high if it exceeds the mean at the start of the valley by this share."""

    config: Config
    average: Float[Tensor, " p"]
    n_average: Int[Tensor, ""]
    recent: Float[Tensor, " p"]
    n_recent: Int[Tensor, ""]
    window_loss: Float[Tensor, ""]

    def __init__(self, task: Task, config: Config | None = None) -> None:
        """Add the mean weights of the valley, and those of steps that may yet belong to it."""
        super().__init__(task, config)
        self.automatic_optimization = False
        self.valley = LossValley(self.config)
        self.window = max(1, task.steps // self.config.n_windows)
        n_weights = len(self._weights())
        for name in ("average", "recent"):
            self.register_buffer(name, torch.zeros(n_weights))
            self.register_buffer(f"n_{name}", torch.tensor(0))
        self.register_buffer("window_loss", torch.tensor(0.0))

    @override
    def features(self, images: Float[Tensor, "b c h w"]) -> Float[Tensor, "b d"]:
        if self.training:
            return self.network(images)
        return functional_call(self.network, self._averaged("network."), (images,))

    @override
    def forward(self, images: Float[Tensor, "b c h w"]) -> Float[Tensor, "b k"]:
        z = self.features(images)
        if self.training:
            return self.head(z)
        return functional_call(self.head, self._averaged("head."), (z,))

    @override
    def training_step(self, batch: Batch, batch_idx: int) -> dict[str, Tensor]:
        optimizer: Any = self.optimizers()
        loss = F.cross_entropy(self(batch.images), batch.labels)
        optimizer.zero_grad()
        self.manual_backward(loss)
        optimizer.step()
        # By hand: every hook that runs after the step runs after the checkpoint too.
        self.n_recent += 1
        self.recent.lerp_(self._weights(), 1 / self.n_recent)
        self.window_loss += loss.detach() / self.window
        if (batch.step + 1) % self.window == 0:
            self._end_window()
        return {"loss": loss.detach()}

    def _end_window(self) -> None:
        """Add the recent weights to the mean, or keep them until their place is known."""
        place = self.valley.place(self.gather(self.window_loss[None]).mean())
        self.window_loss.zero_()
        if place == "outside":
            return
        if place == "first":
            self.n_average.zero_()
        self.n_average += self.n_recent
        self.average.lerp_(self.recent, self.n_recent / self.n_average)
        self.n_recent.zero_()

    def _weights(self) -> Float[Tensor, " p"]:
        """Concatenate all weights of this step."""
        return torch.cat([weight.detach().flatten() for weight in self.parameters()])

    def _averaged(self, prefix: str) -> dict[str, Tensor]:
        """Name the mean weights of one part, or this step's until the first window ends."""
        chosen = torch.where(self.n_average > 0, self.average, self._weights())
        named = list(self.named_parameters())
        pieces = torch.split(chosen, [weight.numel() for _, weight in named])
        return {
            name.removeprefix(prefix): piece.view_as(weight)
            for (name, weight), piece in zip(named, pieces, strict=True)
            if name.startswith(prefix)
        }


class LossValley(nn.Module):
    """Tell of each window's loss in turn whether it is in the valley, with a memory in buffers."""

    lowest: Float[Tensor, ""]
    total: Float[Tensor, ""]
    n_since: Int[Tensor, ""]
    n_above: Int[Tensor, ""]

    def __init__(self, config: SWAD.Config) -> None:
        super().__init__()
        self._config = config
        for name, start in (("lowest", 0.0), ("total", 0.0), ("n_since", 0), ("n_above", 0)):
            self.register_buffer(name, torch.tensor(start))

    def place(self, loss: Float[Tensor, ""]) -> Literal["first", "inside", "outside"]:
        """Say where a window lies: the valley may begin with it, goes on, or is left.

        Windows outside belong to the valley after all if a window inside follows.
        """
        n_converged = self._config.n_converged
        if self.n_since < n_converged:
            is_first = bool(self.n_since == 0) or bool(loss < self.lowest)
            if is_first:
                for state in (self.lowest, self.total, self.n_since):
                    state.zero_()
                self.lowest += loss
            self.total += loss
            self.n_since += 1
            return "first" if is_first else "inside"
        limit = (1 + self._config.tolerance) * self.total / n_converged
        if self.n_above < self._config.n_tolerated and loss <= limit:
            self.n_above.zero_()
            return "inside"
        self.n_above += 1
        return "outside"
