"""The losses on pairs, against loops over the pairs, and what their gradients do."""

import math

import pytest

READINGS = ["R1", "R2", "R3", "R4", "different-only"]


@pytest.fixture
def task():
    """Small features of either sign, which no distance or cosine is undefined for."""
    from torch import nn

    from dgbench.api import Task

    return Task(
        n_classes=3,
        image_shape=(3, 8, 8),
        new_network=lambda: nn.Sequential(nn.Flatten(), nn.Linear(192, 6), nn.Tanh()),
        n_features=6,
        n_train=12,
        steps=4,
        batch_size=12,
    )


@pytest.fixture
def batch():
    """Twelve images, four of each class."""
    import torch

    from dgbench.api import Batch

    images = torch.rand(12, 3, 8, 8, generator=torch.Generator().manual_seed(0))
    labels, index = torch.arange(12) % 3, torch.arange(12)
    return Batch(images=images, labels=labels, index=index, step=0, seed=0, extras={})


def distance(a, b):
    return math.dist(a, b)


def cosine(a, b):
    return sum(x * y for x, y in zip(a, b, strict=True)) / (math.hypot(*a) * math.hypot(*b))


def mean(values):
    values = list(values)
    return sum(values) / len(values)


def pairs(labels, *, same):
    n = range(len(labels))
    return [(i, j) for i in n for j in n if i != j and (labels[i] == labels[j]) is same]


def slow_prcl(features, labels, reading, margin, temperature):
    """The five readings as sums over pairs of plain lists."""

    def repulsion(vectors, chosen):
        return mean(max(0, margin - distance(vectors[i], vectors[j])) ** 2 for i, j in chosen)

    same, different = pairs(labels, same=True), pairs(labels, same=False)
    if reading == "R1":
        return repulsion(features, same) + repulsion(features, different)
    if reading == "R2":
        return repulsion(features, same)
    if reading == "different-only":
        return repulsion(features, different)
    if reading == "R3":
        first, second = [f[:3] for f in features], [f[3:] for f in features]
        attraction = mean(distance(second[i], second[j]) ** 2 for i, j in same)
        return (
            repulsion(first, same)
            + repulsion(first, different)
            + attraction
            + repulsion(second, different)
        )
    rows = []
    for i in range(len(labels)):
        mine = [cosine(features[i], features[j]) / temperature for k, j in same if k == i]
        rows.append(math.log(mean(math.exp(s) for s in mine)))
    return temperature * mean(rows)


def slow_supcon(features, labels, temperature):
    rows = []
    for i in range(len(labels)):
        scaled = {j: cosine(features[i], f) / temperature for j, f in enumerate(features)}
        total = math.log(sum(math.exp(s) for j, s in scaled.items() if j != i))
        mates = [j for k, j in pairs(labels, same=True) if k == i]
        rows.append(mean(total - scaled[j] for j in mates))
    return mean(rows)


def slow_spread(features, labels, temperature):
    attract, repel = [], []
    for i in range(len(labels)):
        e = {j: math.exp(cosine(features[i], f) / temperature) for j, f in enumerate(features)}
        others = sum(e[j] for j in e if labels[j] != labels[i])
        mates = [j for j in e if labels[j] == labels[i]]
        attract.append(mean(math.log((e[j] + others) / e[j]) for j in mates if j != i))
        repel.append(math.log(sum(e[j] for j in mates) / e[i]))
    return mean(attract), mean(repel)


@pytest.mark.parametrize("reading", READINGS)
def test_every_reading_is_its_formula(task, batch, reading):
    from baselines.prcl import PRCL

    config = PRCL.Config(reading=reading, weight=2.0, margin=1.5, temperature=0.2)
    module = PRCL(task, config)
    features = module.features(batch.images).tolist()
    expected = 2.0 * slow_prcl(features, batch.labels.tolist(), reading, 1.5, 0.2)
    assert module.loss(batch)["pairs"].item() == pytest.approx(expected, rel=1e-4)


@pytest.mark.parametrize("reading", ["R1", "R2", "R4", "different-only"])
def test_normalised_features_have_length_one(task, batch, reading):
    import torch.nn.functional as F

    from baselines.prcl import PRCL

    config = PRCL.Config(reading=reading, weight=1.0, margin=1.0, is_normalised=True)
    module = PRCL(task, config)
    unit = F.normalize(module.features(batch.images), dim=1).tolist()
    expected = slow_prcl(unit, batch.labels.tolist(), reading, 1.0, 0.1)
    assert module.loss(batch)["pairs"].item() == pytest.approx(expected, rel=1e-4)


@pytest.mark.parametrize(
    ("reading", "same_grows", "different_grows"),
    [("R1", True, True), ("R2", True, None), ("R4", True, None), ("different-only", None, True)],
)
def test_a_step_down_the_loss_moves_pairs_apart(reading, same_grows, different_grows):
    """Only the pairs that a reading names are looked at: the others may move either way."""
    import torch

    from baselines.prcl import PRCL, pair_loss

    features = torch.randn(8, 5, generator=torch.Generator().manual_seed(1)).requires_grad_()
    labels = torch.tensor([0, 0, 0, 0, 1, 1, 1, 1])
    pair_loss(features, labels, PRCL.Config(reading=reading, margin=50.0)).backward()
    moved = (features - 1e-3 * features.grad).detach()
    before, after = (_mean_distances(v.tolist(), labels.tolist()) for v in (features, moved))
    for grows, old, new in zip((same_grows, different_grows), before, after, strict=True):
        assert grows is None or (new > old) is grows


def _mean_distances(features, labels):
    return [
        mean(distance(features[i], features[j]) for i, j in pairs(labels, same=same))
        for same in (True, False)
    ]


def test_supcon_is_its_formula_and_attracts(task, batch):
    from baselines.supcon import SupCon

    module = SupCon(task, SupCon.Config(weight=1.0, temperature=0.3))
    features = module.features(batch.images).tolist()
    expected = slow_supcon(features, batch.labels.tolist(), 0.3)
    assert module.loss(batch)["contrast"].item() == pytest.approx(expected, rel=1e-4)


def test_spread_is_its_formula(task, batch):
    from baselines.l_spread import LSpread

    module = LSpread(task, LSpread.Config(weight=1.0, repulsion=0.25, temperature=0.3))
    features = module.features(batch.images).tolist()
    attract, repel = slow_spread(features, batch.labels.tolist(), 0.3)
    losses = module.loss(batch)
    assert losses["attract"].item() == pytest.approx(0.75 * attract, rel=1e-4)
    assert losses["repel"].item() == pytest.approx(0.25 * repel, rel=1e-4)


def test_weight_zero_is_erm(task, batch):
    import torch.nn.functional as F

    from baselines.l_spread import LSpread
    from baselines.prcl import PRCL
    from baselines.supcon import SupCon

    for cls in (PRCL, SupCon, LSpread):
        module = cls(task, cls.Config(weight=0.0))
        expected = F.cross_entropy(module(batch.images), batch.labels)
        assert sum(module.loss(batch).values()).item() == pytest.approx(expected.item())


def test_a_batch_without_pairs_has_no_pair_loss_and_a_finite_gradient(task, batch):
    from dataclasses import replace

    import torch

    from baselines.l_spread import LSpread
    from baselines.prcl import PRCL
    from baselines.supcon import SupCon

    alone = replace(batch, images=batch.images[:1], labels=batch.labels[:1], index=batch.index[:1])
    modules = [cls(task) for cls in (SupCon, LSpread)]
    modules += [PRCL(task, PRCL.Config(reading=reading)) for reading in READINGS]
    for module in modules:
        loss = sum(module.loss(alone).values())
        loss.backward()
        assert torch.isfinite(loss)
        assert all(torch.isfinite(p.grad).all() for p in module.parameters())


def test_features_that_coincide_have_a_finite_gradient(task, batch):
    from dataclasses import replace

    import torch

    from baselines.prcl import PRCL

    twins = replace(batch, images=batch.images[:1].expand(12, -1, -1, -1))
    for reading in READINGS:
        module = PRCL(task, PRCL.Config(reading=reading))
        sum(module.loss(twins).values()).backward()
        assert all(torch.isfinite(p.grad).all() for p in module.parameters())


def test_the_learning_rate_falls_once_the_cross_entropy_has_arrived(task, batch):
    from dataclasses import replace

    from baselines.prcl import PRCL

    module = PRCL(replace(task, steps=100), PRCL.Config(arrival=0.9))
    module.smoothed.fill_(0.0)
    assert module.rate(9) == 1
    module.loss(replace(batch, step=10))
    assert [module.rate(step) for step in (10, 15, 30, 99)] == pytest.approx([1, 0.75, 0, 0])


def test_the_learning_rate_falls_at_the_end_if_the_cross_entropy_never_arrives(task, batch):
    from dataclasses import replace

    from baselines.prcl import PRCL

    module = PRCL(replace(task, steps=100), PRCL.Config(arrival=0.0))
    for step in range(100):
        assert module.rate(step) == pytest.approx(min(1, (100 - step) / 20))
        module.loss(replace(batch, step=step))
    constant = PRCL(replace(task, steps=100), PRCL.Config(decay_steps=0))
    constant.loss(replace(batch, step=99))
    assert constant.rate(100) == 1


def test_the_smoothed_quantity_is_the_cross_entropy(task, batch):
    import torch.nn.functional as F

    from baselines.prcl import PRCL

    module = PRCL(task)
    expected = 0.99 * math.log(3) + 0.01 * F.cross_entropy(module(batch.images), batch.labels)
    module.loss(batch)
    assert module.smoothed.item() == pytest.approx(expected.item())


def test_a_margin_that_unit_vectors_cannot_reach_is_refused():
    from baselines.prcl import PRCL
    from dgbench.api import UsageError

    with pytest.raises(UsageError, match="at most 2 apart"):
        PRCL.Config(is_normalised=True, margin=3.0)
