"""Spectral decoupling against sums by hand."""

import pytest


def test_the_penalty_is_the_mean_squared_logit(task, batch):
    from baselines.spectral_decoupling import SpectralDecoupling

    images = batch()
    module = SpectralDecoupling(task, SpectralDecoupling.Config(weight=0.5))
    logits = module(images.images).tolist()
    expected = 0.5 * sum(value**2 for row in logits for value in row) / (8 * 3)
    assert module.loss(images)["penalty"].item() == pytest.approx(expected, rel=1e-5)


def test_a_weight_of_zero_is_erm(task, batch):
    import torch.nn.functional as F

    from baselines.spectral_decoupling import SpectralDecoupling

    images = batch()
    module = SpectralDecoupling(task, SpectralDecoupling.Config(weight=0.0))
    losses = module.loss(images)
    assert losses["penalty"] == 0
    assert losses["cross_entropy"] == F.cross_entropy(module(images.images), images.labels)


def test_a_confident_logit_is_pulled_back(task, batch):
    import torch

    from baselines.spectral_decoupling import SpectralDecoupling

    module, images = SpectralDecoupling(task), batch()
    logits = torch.full((8, 3), -20.0)
    logits[torch.arange(8), images.labels] = 20.0
    logits.requires_grad_()
    module.forward = lambda _: logits
    losses = module.loss(images)
    (from_labels,) = torch.autograd.grad(losses["cross_entropy"], logits)
    (from_penalty,) = torch.autograd.grad(losses["penalty"], logits)
    assert from_labels.abs().max() < 1e-6
    torch.testing.assert_close(from_penalty, 0.1 * 2 * logits.detach() / 24)
