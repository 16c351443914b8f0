"""Deep feature reweighting: train anew the last layer only, on balanced images."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Annotated

import torch
import torch.nn.functional as F
from jaxtyping import Float, Int
from torch import Tensor
from typing_extensions import override

from dgbench.api import Batch, Ge, LogUniform, Losses, LossMethod


class DFR(LossMethod):
    """Train as ERM, then fit the head anew on held-out images in which only the shape tells.

    A diagnostic: what it reads was in the features all along, and the head did not use it. The new
    head is a logistic regression on standardised features with an L2 penalty, found by L-BFGS; the
    paper takes an L1 penalty, chosen by validation, and averages over balanced subsamples, which
    images that are balanced already do not need.

    Reference: Kirichenko et al. 2023, Last Layer Re-Training is Sufficient, arXiv 2204.02937.
    """

    uses = frozenset({"balanced_validation"})

    @dataclass(frozen=True, kw_only=True)
    class Config(LossMethod.Config):
        """Hyper-parameters."""

        penalty: Annotated[float, LogUniform(1e-4, 1e0), Ge(0)] = 1e-2
        """Half the weight of the squared length of the new head's weights."""

    config: Config

    @override
    def loss(self, batch: Batch) -> Losses:
        return {"cross_entropy": F.cross_entropy(self(batch.images), batch.labels)}

    @override
    def finish(self, validation: Iterable[Batch]) -> None:
        self.eval()
        features, labels = [], []
        with torch.no_grad():
            for batch in validation:
                features.append(self.features(batch.images))
                labels.append(batch.labels)
        weight, bias = fit_head(
            torch.cat(features), torch.cat(labels), self.task.n_classes, self.config.penalty
        )
        with torch.no_grad():
            self.head.weight.copy_(weight)
            self.head.bias.copy_(bias)


def fit_head(
    features: Float[Tensor, "n d"], labels: Int[Tensor, " n"], n_classes: int, penalty: float
) -> tuple[Float[Tensor, "k d"], Float[Tensor, " k"]]:
    """The logistic regression, told for features that are not standardised."""
    mean, spread = features.mean(dim=0), features.std(dim=0, correction=0)
    spread = torch.where(spread > 0, spread, 1.0)
    scaled = (features - mean) / spread
    weight = torch.zeros(n_classes, features.shape[1], device=features.device, requires_grad=True)
    bias = torch.zeros(n_classes, device=features.device, requires_grad=True)
    optimizer = torch.optim.LBFGS([weight, bias], max_iter=200, line_search_fn="strong_wolfe")

    def objective() -> Tensor:
        optimizer.zero_grad()
        loss = F.cross_entropy(scaled @ weight.T + bias, labels)
        loss = loss + 0.5 * penalty * weight.square().sum()
        loss.backward()  # type: ignore[no-untyped-call]
        return loss

    with torch.enable_grad():
        optimizer.step(objective)  # type: ignore[no-untyped-call]
    found = (weight / spread).detach()
    return found, bias.detach() - found @ mean
