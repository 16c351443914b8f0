"""Always predict the most frequent class."""

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor, nn
from typing_extensions import override

from dgbench.api import Batch, Losses, LossMethod, Task


class MajorityClass(LossMethod):
    """Learn how often each class occurs, and look at no image.

    The floor of every table: a method that is not above it has not learnt anything. Its logits are
    one trained bias for each class.
    """

    uses_backbone = False
    is_yardstick = True

    def __init__(self, task: Task, config: LossMethod.Config | None = None) -> None:
        super().__init__(task, config)
        self.network = nn.Flatten()
        self.head = nn.Linear(1, task.n_classes)

    @override
    def features(self, images: Float[Tensor, "b c h w"]) -> Float[Tensor, "b d"]:
        return torch.zeros(len(images), 1, device=images.device, dtype=images.dtype)

    @override
    def loss(self, batch: Batch) -> Losses:
        return {"cross_entropy": F.cross_entropy(self(batch.images), batch.labels)}
