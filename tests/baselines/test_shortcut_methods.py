"""Methods against shortcuts: each one's idea, against a computation by hand."""

import math
from dataclasses import replace

import pytest


def test_lff_weighs_images_by_the_share_of_the_biased_loss(task, batch):
    import torch
    import torch.nn.functional as F

    from baselines.lff import LfF

    module = LfF(task, LfF.Config(q=0.7, smoothing=0.6))
    mine = batch(labels=torch.tensor([0, 0, 0, 1, 1, 1, 2, 2]))
    biased = module.biased_head(module.biased_network(mine.images)).detach()
    logits = module(mine.images).detach()
    losses = module.loss(mine)
    labels = mine.labels.tolist()
    easy = [F.cross_entropy(biased[i : i + 1], mine.labels[i : i + 1]).item() for i in range(8)]
    hard = [F.cross_entropy(logits[i : i + 1], mine.labels[i : i + 1]).item() for i in range(8)]
    expected, generalised = 0.0, 0.0
    for i in range(8):
        mates = [j for j in range(8) if labels[j] == labels[i]]
        a = easy[i] / max(easy[j] for j in mates)
        b = hard[i] / max(hard[j] for j in mates)
        expected += a / (a + b) * hard[i] / 8
        generalised += 0.7 * math.exp(-0.7 * easy[i]) * easy[i] / 8
    assert losses["cross_entropy"].item() == pytest.approx(expected, rel=1e-4)
    assert losses["biased"].item() == pytest.approx(generalised, rel=1e-4)


def test_lffs_biased_loss_has_the_gradient_of_the_generalised_cross_entropy(task, batch):
    """d/dw of (1 - p^q) / q is that of cross-entropy times p^q, which the authors scale by q."""
    import torch

    from baselines.lff import LfF

    module, mine = LfF(task, LfF.Config(q=0.5)), batch()
    module.loss(mine)["biased"].backward()
    gradient = module.biased_head.weight.grad.clone()
    module.zero_grad()
    probabilities = torch.softmax(module.biased_head(module.biased_network(mine.images)), dim=1)
    own = probabilities.gather(1, mine.labels[:, None])
    (0.5 * (1 - own**0.5) / 0.5).mean().backward()
    assert torch.allclose(gradient, module.biased_head.weight.grad, atol=1e-6)


def test_jtt_counts_exactly_the_latest_errors_many_times(task, batch):
    import torch
    import torch.nn.functional as F

    from baselines.jtt import JTT

    module = JTT(replace(task, steps=8), JTT.Config(first_share=0.5, upweight=10.0))
    first = batch(step=0)
    module.loss(first)
    wrong = module(first.images).argmax(dim=1) != first.labels
    expected = torch.zeros(64, dtype=torch.bool)
    expected[first.index] = wrong
    assert torch.equal(module.is_error, expected)
    assert 0 < wrong.sum() < 8
    later = replace(first, step=4)
    losses = F.cross_entropy(module(later.images), later.labels, reduction="none")
    weights = torch.where(wrong, 10.0, 1.0)
    mean_weight = (9 * expected.sum() + 64) / 64
    loss = module.loss(later)["cross_entropy"]
    assert loss.item() == pytest.approx(((weights * losses).mean() / mean_weight).item(), rel=1e-5)
    assert torch.equal(module.is_error, expected)


def test_jtts_second_training_starts_afresh(task, batch, train):
    import torch

    from baselines.jtt import JTT

    module = JTT(replace(task, steps=4), JTT.Config(first_share=0.5))
    fresh = {name: weight.clone() for name, weight in module.fresh_network.state_dict().items()}
    train(module, [batch(step=step) for step in range(2)], learning_rate=0.1)
    assert not torch.equal(module.network[0].weight, fresh["0.weight"])
    still = JTT(replace(task, steps=4), JTT.Config(first_share=0.5))
    train(still, [batch(step=step) for step in range(3)], learning_rate=0.0)
    for name, weight in still.network.state_dict().items():
        assert torch.equal(weight, still.fresh_network.state_dict()[name])


def test_diversity_penalises_aligned_gradients_of_the_labels_logit(task, batch):
    import torch

    from baselines.diversity import Diversity

    module, mine = Diversity(task, Diversity.Config(n_heads=3, weight=2.0)), batch()
    features = module.features(mine.images).detach()
    gradients = []
    for head in module.heads:
        rows = []
        for row in range(len(mine)):
            leaf = features[row].clone().requires_grad_()
            rows.append(torch.autograd.grad(head(leaf)[mine.labels[row]], leaf)[0])
        gradients.append(rows)
    products = [
        sum(float(gradients[a][i] @ gradients[b][i]) for i in range(8)) / 8
        for a in range(3)
        for b in range(3)
        if a != b
    ]
    alignment = module.loss(mine)["alignment"].item()
    assert alignment == pytest.approx(2 * sum(products) / 6, rel=1e-4, abs=1e-6)


def test_diversity_predicts_with_one_head_or_their_mean(task, batch):
    import torch

    from baselines.diversity import Diversity
    from dgbench.api import UsageError

    module = Diversity(task, Diversity.Config(n_heads=3))
    images = batch().images
    by_head = [torch.softmax(head(module.features(images)), dim=1) for head in module.heads]
    mean = torch.softmax(module(images), dim=1)
    assert torch.allclose(mean, sum(by_head) / 3, atol=1e-6)
    single = Diversity(task, Diversity.Config(n_heads=3, head_index=2))
    assert torch.equal(single(images), single.heads[2](single.features(images)))
    with pytest.raises(UsageError, match="counted from 0"):
        Diversity.Config(n_heads=3, head_index=3)


def test_me_adas_images_climb_their_objective_and_stay_images(task, batch):
    import torch
    import torch.nn.functional as F

    from baselines.me_ada import MEADA

    config = MEADA.Config(n_steps=3, step_size=0.01, entropy=2.0, distance=0.5)
    module, mine = MEADA(task, config), batch()
    origin = module.features(mine.images).detach()

    def objective(images):
        features = module.features(images)
        logits = module.head(features)
        entropy = torch.distributions.Categorical(logits=logits).entropy()
        apart = (features - origin).square().sum(dim=1)
        return F.cross_entropy(logits, mine.labels, reduction="none") + 2 * entropy - 0.5 * apart

    changed = module.changed(mine.images, mine.labels)
    assert (objective(changed) > objective(mine.images)).all()
    assert changed.min() >= 0
    assert changed.max() <= 1


def test_me_ada_changes_the_given_share_and_nothing_at_zero(task, batch, seen):
    import torch

    from baselines.me_ada import MEADA

    none = MEADA(task, MEADA.Config(share=0.0))
    shown = seen(none)
    mine = batch()
    none.loss(mine)
    assert torch.equal(shown[-1], mine.images)
    module = MEADA(task, MEADA.Config(share=0.25, step_size=1.0))
    shown = seen(module)
    counts = []
    for step in range(60):
        mine = batch(step=step)
        module.loss(mine)
        counts.append((shown[-1] != mine.images).flatten(1).any(dim=1).float().mean().item())
    assert sum(counts) / 60 == pytest.approx(0.25, abs=0.08)


def test_infodrop_keeps_the_edge_and_drops_the_flat():
    """On an image with one bright column, places away from it repeat their surroundings."""
    import torch
    from torch import nn

    from baselines.infodrop import likeness_of_patches

    images = torch.zeros(1, 3, 10, 10)
    images[..., 5] = 1.0
    convolution = nn.Conv2d(3, 4, 3, padding=1)
    torch.manual_seed(0)
    likeness = likeness_of_patches(images, convolution, 2, 1.0)[0, 0]
    assert likeness.shape == (10, 10)
    assert likeness[5, 0] == pytest.approx(1.0)
    assert likeness[4:7, 5].mean() < likeness[4:7, 0].mean()


def test_infodrop_drops_while_training_only_and_not_when_fine_tuning(task, batch):
    import torch

    from baselines.infodrop import InfoDrop

    module = InfoDrop(task, InfoDrop.Config(draws=1.5, temperature=1.0, fine_tuning=0.3))
    maps = []
    module.network[0].register_forward_hook(lambda _m, _i, output: maps.append(output.detach()))
    for step in (0, 7):
        module.loss(batch(step=step))
    module(batch().images)
    zeros = [(feature_map == 0).float().mean().item() for feature_map in maps]
    assert 0.5 < zeros[0] < 0.95  # 1 - exp(-1.5) of the places where all are alike
    assert zeros[1:] == [0, 0]
    assert torch.isfinite(maps[0]).all()


def test_occamnet_leaves_at_the_first_exit_that_trusts_itself(task, batch):
    import torch

    from baselines.occamnet import OccamNet

    module = OccamNet(task, OccamNet.Config(n_exits=1)).eval()
    images = batch().images
    gate = module.exits[0].gate[-1]
    torch.nn.init.zeros_(gate.weight)
    gate.bias.data.fill_(5.0)
    maps = module.network[0](images)
    early = module.exits[0].class_maps(maps).mean(dim=(2, 3))
    assert torch.allclose(module(images), early, atol=1e-6)
    gate.bias.data.fill_(-5.0)
    assert torch.equal(module(images), module.head(module.features(images)))


def test_occamnets_suppression_acts_where_the_labels_map_is_weak():
    import torch

    from baselines.occamnet import suppression

    maps = torch.zeros(1, 2, 1, 2)
    maps[0, 0, 0] = torch.tensor([3.0, -1.0])
    weak = torch.softmax(torch.tensor([-1.0, 0.0]), dim=0)
    divergence = sum(0.5 * math.log(0.5 / p) for p in weak.tolist())
    penalty = suppression(maps, torch.tensor([0])).item()
    assert penalty == pytest.approx(divergence / 2, rel=1e-5)
    assert suppression(torch.zeros(1, 2, 1, 2), torch.tensor([0])).item() == pytest.approx(0)


def test_occamnets_gate_remembers_once_its_exit_is_too_good(task, batch):
    import torch

    from baselines.occamnet import OccamNet

    module, mine = OccamNet(task, OccamNet.Config(n_exits=1, threshold=0.5)), batch()
    module.accuracy.fill_(0.9)
    module.loss(mine)
    assert not module.was_right.any()
    module.accuracy.fill_(0.0)
    module.loss(mine)
    maps = module.network[0](mine.images)
    is_right = module.exits[0].class_maps(maps).mean(dim=(2, 3)).argmax(dim=1) == mine.labels
    assert torch.equal(module.was_right[0, mine.index], is_right)


def test_rare_gate_targets_count_by_the_root_of_their_rarity():
    import torch

    from baselines.occamnet import gate_loss

    targets = torch.tensor([True, False, False, False])
    gates = torch.full((4,), 0.5)
    expected = math.log(2) * (math.sqrt(3) + 3) / 4
    assert gate_loss(gates, targets).item() == pytest.approx(expected, rel=1e-3)
