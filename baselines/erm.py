"""Empirical risk minimisation: learn whatever predicts the class."""

import torch.nn.functional as F
from typing_extensions import override

from dgbench.api import Batch, Losses, LossMethod, Paper


class ERM(LossMethod):
    """Cross-entropy and nothing else.

    The measure of all other methods: gradient descent finds the pattern that is easiest to learn
    and, once the loss is small, has no reason to look for another.
    """

    paper = Paper(
        title="Statistical Learning Theory",
        authors=("Vladimir N. Vapnik",),
        year=1998,
    )

    @override
    def loss(self, batch: Batch) -> Losses:
        return {"cross_entropy": F.cross_entropy(self(batch.images), batch.labels)}
