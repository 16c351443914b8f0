"""Deep feature reweighting: retrain only the last layer, on balanced images."""

from collections.abc import Iterable
from typing import Annotated

import torch
import torch.nn.functional as F
from jaxtyping import Float, Int
from torch import Tensor
from typing_extensions import override

from dgbench.api import Batch, Ge, LogUniform, Losses, LossMethod, Paper


class DFR(LossMethod):
    """Train as ERM, then fit a new head on held-out images in which only the shape tells the class.

    A diagnostic: what the new head reads was in the features all along, and the old head did not
    use it. The new head is a logistic regression on standardised features with an L2 penalty,
    fitted by L-BFGS. The paper uses an L1 penalty chosen by validation and averages over balanced
    subsamples, which images that are already balanced do not need.
    """

    paper = Paper(
        title="Last Layer Re-Training is Sufficient for Robustness to Spurious Correlations",
        authors=("Polina Kirichenko", "Pavel Izmailov", "Andrew Gordon Wilson"),
        year=2023,
        url="https://arxiv.org/abs/2204.02937",
        code="https://github.com/PolinaKirichenko/deep_feature_reweighting",
    )
    uses = frozenset({"balanced_validation"})

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
    """Fit the logistic regression, and express it in features that are not standardised."""
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
        loss.backward()  # type: ignore[no-untyped-call]  # torch leaves it without types
        return loss

    with torch.enable_grad():
        optimizer.step(objective)  # type: ignore[no-untyped-call]  # as above
    unscaled = (weight / spread).detach()
    return unscaled, bias.detach() - unscaled @ mean
