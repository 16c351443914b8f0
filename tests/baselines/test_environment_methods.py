"""Methods that compare training environments, against loops over environments."""

import math
from dataclasses import replace

import pytest

N_ENVIRONMENTS = 3


@pytest.fixture
def task(task):
    return replace(task, environments=("a", "b", "c"))


@pytest.fixture
def batch(batch):
    import torch

    environments = torch.tensor([0, 1, 2] * 4)
    return batch(12, extras={"environments": environments})


def by_environment(batch, values):
    """The rows of each environment."""
    return [values[batch.environments == number] for number in range(N_ENVIRONMENTS)]


def risks(module, batch):
    import torch.nn.functional as F

    logits = by_environment(batch, module(batch.images))
    labels = by_environment(batch, batch.labels)
    return [F.cross_entropy(a, b).item() for a, b in zip(logits, labels, strict=True)]


def mean(values):
    values = list(values)
    return sum(values) / len(values)


def test_groupdro_weighs_environments_by_the_exponential_of_their_loss(task, batch):
    from baselines.groupdro import GroupDRO

    module = GroupDRO(task, GroupDRO.Config(step_size=0.5))
    losses = risks(module, batch)
    raw = [math.exp(0.5 * risk) for risk in losses]
    weights = [value / sum(raw) for value in raw]
    expected = sum(w * r for w, r in zip(weights, losses, strict=True))
    assert module.loss(batch)["worst"].item() == pytest.approx(expected, rel=1e-5)
    assert module.weights.tolist() == pytest.approx(weights, rel=1e-5)


def test_groupdro_leaves_an_absent_environment_its_weight(task, batch):
    import torch

    from baselines.groupdro import GroupDRO

    module = GroupDRO(task, GroupDRO.Config(step_size=0.5))
    module.loss(replace(batch, extras={"environments": torch.zeros(12, dtype=torch.long)}))
    first, second, third = module.weights.tolist()
    assert first > second
    assert second == third


def test_irms_penalty_is_the_product_of_two_gradients_of_the_factor(task, batch):
    import torch
    import torch.nn.functional as F

    from baselines.irm import IRM

    module = IRM(task, IRM.Config(weight=7.0, anneal_steps=0))
    penalties = []
    for logits, labels in zip(
        by_environment(batch, module(batch.images).detach().double()),
        by_environment(batch, batch.labels),
        strict=True,
    ):
        slopes = []
        for half in (slice(0, None, 2), slice(1, None, 2)):
            up, down = (
                F.cross_entropy(logits[half] * (1 + h), labels[half]) for h in (1e-5, -1e-5)
            )
            slopes.append((up - down).item() / 2e-5)
        penalties.append(slopes[0] * slopes[1])
    losses = module.loss(batch)
    assert losses["penalty"].item() == pytest.approx(7 * mean(penalties), rel=1e-3)
    assert losses["cross_entropy"].item() == pytest.approx(mean(risks(module, batch)), rel=1e-5)
    assert torch.isfinite(sum(losses.values()))


def test_vrex_adds_the_variance_of_the_risks(task, batch):
    from baselines.vrex import VREx

    module = VREx(task, VREx.Config(weight=7.0, anneal_steps=5))
    losses = risks(module, batch)
    variance = mean((risk - mean(losses)) ** 2 for risk in losses)
    before, after = module.loss(batch), module.loss(replace(batch, step=5))
    assert before["variance"].item() == pytest.approx(variance, rel=1e-4)
    assert after["variance"].item() == pytest.approx(7 * variance, rel=1e-4)
    assert after["cross_entropy"].item() == pytest.approx(mean(losses), rel=1e-5)


def test_adam_forgets_when_the_penalty_sets_in(task, batch, train):
    from baselines.vrex import VREx

    steps = [replace(batch, step=step) for step in range(3)]
    module = VREx(task, VREx.Config(anneal_steps=2))
    train(module, steps)
    optimizer = module.optimizers(use_pl_optimizer=False)
    assert {int(state["step"]) for state in optimizer.state.values()} == {1}


def covariance(rows):
    n, d = len(rows), len(rows[0])
    means = [mean(row[i] for row in rows) for i in range(d)]
    return means, [
        [sum((r[i] - means[i]) * (r[j] - means[j]) for r in rows) / (n - 1) for j in range(d)]
        for i in range(d)
    ]


def test_coral_compares_means_and_covariances(task, batch):
    from baselines.coral import CORAL

    module = CORAL(task, CORAL.Config(weight=3.0))
    parts = [p.tolist() for p in by_environment(batch, module.features(batch.images))]
    distances = []
    for a in range(N_ENVIRONMENTS):
        for b in range(a + 1, N_ENVIRONMENTS):
            (mean_a, cov_a), (mean_b, cov_b) = covariance(parts[a]), covariance(parts[b])
            d = len(mean_a)
            first = mean((mean_a[i] - mean_b[i]) ** 2 for i in range(d))
            distances.append(
                first + mean((cov_a[i][j] - cov_b[i][j]) ** 2 for i in range(d) for j in range(d))
            )
    assert module.loss(batch)["distance"].item() == pytest.approx(3 * mean(distances), rel=1e-3)


def test_mmd_is_its_formula_and_zero_on_average_for_equal_distributions(task, batch):
    import torch

    from baselines.mmd import MMD, discrepancy

    module = MMD(task, MMD.Config(weight=1.0))
    a, b, _ = by_environment(batch, module.features(batch.images).detach())

    def kernel(x, y):
        squared = sum((i - j) ** 2 for i, j in zip(x, y, strict=True))
        return sum(math.exp(-(10.0**power) * squared) for power in range(-3, 4))

    xs, ys = a.tolist(), b.tolist()
    expected = -2 * mean(kernel(x, y) for x in xs for y in ys)
    for sample in (xs, ys):
        n = range(len(sample))
        expected += mean(kernel(sample[i], sample[j]) for i in n for j in n if i != j)
    assert discrepancy(a, b).item() == pytest.approx(expected, rel=1e-3)
    generator = torch.Generator().manual_seed(0)
    draws = [discrepancy(*torch.randn(2, 5, 3, generator=generator)).item() for _ in range(400)]
    assert mean(draws) == pytest.approx(0, abs=0.1)
    apart = discrepancy(torch.zeros(5, 3), torch.ones(5, 3)).item()
    assert apart > 1
    assert torch.isfinite(sum(module.loss(batch).values()))


def test_fishrs_gradients_are_those_of_autograd(task, batch):
    import torch
    import torch.nn.functional as F

    from baselines.fishr import Fishr, head_gradients

    module = Fishr(task)
    features = module.features(batch.images).detach()
    gradients = head_gradients(features, module.head(features), batch.labels)
    for row in range(len(batch)):
        loss = F.cross_entropy(module.head(features[row : row + 1]), batch.labels[row : row + 1])
        weight, bias = torch.autograd.grad(loss, list(module.head.parameters()))
        expected = torch.cat([weight, bias[:, None]], dim=1).flatten()
        assert torch.allclose(gradients[row], expected, atol=1e-6)


def test_fishr_compares_the_variances_of_gradients(task, batch):
    import torch

    from baselines.fishr import Fishr, head_gradients

    module = Fishr(task, Fishr.Config(weight=2.0, anneal_steps=0, smoothing=0.9))
    features = module.features(batch.images)
    gradients = head_gradients(features, module.head(features), batch.labels).detach()
    parts = by_environment(batch, gradients)
    spreads = torch.stack([part.var(dim=0, correction=0) for part in parts])
    expected = 2 * mean(((spread - spreads.mean(dim=0)) ** 2).mean().item() for spread in spreads)
    # The first step: nothing is remembered, and the division takes the weight 1 - 0.9 back.
    assert module.loss(batch)["penalty"].item() == pytest.approx(expected, rel=1e-3)
    assert torch.allclose(module.variances, 0.1 * spreads, atol=1e-7)


def test_weight_zero_is_the_mean_over_environments(task, batch):
    from baselines.coral import CORAL
    from baselines.fishr import Fishr
    from baselines.irm import IRM
    from baselines.mmd import MMD
    from baselines.vrex import VREx

    for cls in (CORAL, MMD, IRM, VREx, Fishr):
        more = {} if cls in (CORAL, MMD) else {"anneal_steps": 0}
        module = cls(task, cls.Config(weight=0.0, **more))
        expected = mean(risks(module, batch))
        assert sum(module.loss(batch).values()).item() == pytest.approx(expected, rel=1e-5)
