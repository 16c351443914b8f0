"""Dropout silences features of each image, in training only."""

import pytest


def test_the_loss_equals_that_of_features_dropped_one_by_one(task, batch):
    import torch
    import torch.nn.functional as F

    from baselines.dropout import Dropout

    module, images = Dropout(task, Dropout.Config(probability=0.3)), batch()
    z = module.features(images.images).detach()
    draws = images.uniform("dropout", 6)
    total = 0.0
    for row in range(8):
        kept = [float(z[row, i]) / 0.7 if draws[row, i] >= 0.3 else 0.0 for i in range(6)]
        logits = module.head(torch.tensor(kept))
        total += F.cross_entropy(logits, images.labels[row]).item() / 8
    assert module.loss(images)["cross_entropy"].item() == pytest.approx(total, rel=1e-5)


def test_about_the_given_share_is_dropped(task, batch):
    import torch

    from baselines.dropout import Dropout

    module = Dropout(task, Dropout.Config(probability=0.25))
    shown = []
    module.head.register_forward_pre_hook(lambda _, inputs: shown.append(inputs[0]))
    module.features = lambda images: torch.ones(len(images), 100)
    module.head.weight = torch.nn.Parameter(torch.zeros(3, 100))
    module.loss(batch(n=64))
    assert float((shown[0] == 0).float().mean()) == pytest.approx(0.25, abs=0.03)
    assert float(shown[0].mean()) == pytest.approx(1, abs=0.05)


def test_nothing_is_dropped_in_evaluation_or_with_probability_zero(task, batch):
    import torch
    import torch.nn.functional as F

    from baselines.dropout import Dropout

    images = batch()
    module = Dropout(task)
    plain = module.head(module.network(images.images))
    assert torch.equal(module(images.images), plain)
    erm = Dropout(task, Dropout.Config(probability=0.0))
    loss = erm.loss(images)["cross_entropy"]
    torch.testing.assert_close(loss, F.cross_entropy(erm(images.images), images.labels))
