"""Diagnostics read the label from features, from colour, from shape, and from nothing."""

import pytest


@pytest.fixture
def glyphs():
    """Antialiased glyphs, each in a colour of its own on black."""
    import torch

    generator = torch.Generator().manual_seed(3)
    ink = torch.rand(8, 1, 10, 10, generator=generator)
    ink = ink * (torch.rand(8, 1, 10, 10, generator=generator) < 0.3)
    colors = 0.2 + 0.8 * torch.rand(2, 8, 3, 1, 1, generator=generator)
    return ink * colors[0], ink * colors[1]


def test_color_only_ignores_the_positions_of_pixels(task, glyphs):
    import torch

    from baselines.color_only import ColorOnly

    module = ColorOnly(task).eval()
    images, recolored = glyphs
    order = torch.randperm(100, generator=torch.Generator().manual_seed(1))
    shuffled = images.flatten(2)[:, :, order].unflatten(2, (10, 10))
    assert torch.equal(module(images), module(shuffled))
    assert not torch.allclose(module(images), module(recolored), atol=1e-3)


def test_shape_only_ignores_the_color(task, glyphs):
    import torch

    from baselines.shape_only import ShapeOnly, as_ink

    module = ShapeOnly(task).eval()
    images, recolored = glyphs
    assert torch.allclose(as_ink(images), as_ink(recolored), atol=1e-5)
    assert torch.allclose(module(images), module(recolored), atol=1e-4)
    assert not torch.allclose(module(images), module(images.flip(-1)), atol=1e-3)


def test_greyscale_cannot_tell_colors_of_one_luma_apart(task):
    import torch

    from baselines.greyscale import LUMA, Greyscale

    red = torch.zeros(1, 3, 10, 10)
    red[:, 0] = 0.5
    green = torch.zeros(1, 3, 10, 10)
    green[:, 1] = 0.5 * LUMA[0] / LUMA[1]
    module = Greyscale(task).eval()
    assert torch.allclose(module(red), module(green), atol=1e-5)
    assert not torch.allclose(module(red), module(2 * red), atol=1e-3)


def test_the_majority_class_learns_frequencies_and_ignores_the_image(task, batch, train):
    import torch

    from baselines.majority_class import MajorityClass

    labels = torch.tensor([0] * 5 + [1] * 2 + [2])
    module = train(
        MajorityClass(task), [batch(step=s, labels=labels) for s in range(400)], learning_rate=0.5
    ).eval()
    first, second = (module(batch(step=step).images) for step in (1, 2))
    assert torch.equal(first, second)
    frequencies = torch.softmax(first[0], dim=0)
    assert torch.allclose(frequencies, torch.tensor([5, 2, 1]) / 8, atol=1e-2)


def test_dfr_fits_only_the_head_and_to_the_optimum(task, batch):
    """At the optimum the gradient of the penalised loss on standardised features vanishes."""
    import torch
    import torch.nn.functional as F

    from baselines.dfr import DFR

    module = DFR(task, DFR.Config(penalty=0.05))
    before = [weight.clone() for weight in module.network.parameters()]
    validation = [batch(step=step) for step in range(4)]
    module.finish(validation)
    for old, new in zip(before, module.network.parameters(), strict=True):
        assert torch.equal(old, new)
    with torch.no_grad():
        features = torch.cat([module.features(b.images) for b in validation])
    labels = torch.cat([b.labels for b in validation])
    spread = features.std(dim=0, correction=0)
    spread = torch.where(spread > 0, spread, 1.0)
    scaled = (features - features.mean(dim=0)) / spread
    weight = (module.head.weight * spread).detach().requires_grad_()
    bias = (module.head.bias + module.head.weight @ features.mean(dim=0)).detach().requires_grad_()
    loss = F.cross_entropy(scaled @ weight.T + bias, labels) + 0.025 * weight.square().sum()
    loss.backward()
    assert weight.grad.abs().max() < 1e-3
    assert bias.grad.abs().max() < 1e-3
