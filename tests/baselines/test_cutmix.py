"""CutMix pastes one rectangle of one other image, and counts labels by area."""

import pytest


def flat(n):
    """Images of which the i-th has the brightness i everywhere: pixels tell whose they are."""
    import torch

    return torch.arange(n).float()[:, None, None, None].expand(n, 3, 10, 10)


def test_labels_count_by_the_pixels_that_are_shown(task, batch, seen):
    from baselines.cutmix import CutMix

    module = CutMix(task, CutMix.Config(probability=0.8))
    images = batch(n=40, images=flat(40))
    shown = seen(module)
    losses = module.loss(images)
    logarithms = module(shown[0]).log_softmax(1)
    total, n_cut = 0.0, 0
    for i, picture in enumerate(shown[0].tolist()):
        pixels = [(y, x) for y in range(10) for x in range(10) if picture[0][y][x] != i]
        assert picture[0] == picture[1] == picture[2]
        n_cut += bool(pixels)
        total -= (1 - len(pixels) / 100) * logarithms[i, images.labels[i]].item() / 40
        if pixels:
            ys, xs = {y for y, _ in pixels}, {x for _, x in pixels}
            assert len(pixels) == (max(ys) - min(ys) + 1) * (max(xs) - min(xs) + 1)
            (other,) = {int(picture[0][y][x]) for y, x in pixels}
            total -= len(pixels) / 100 * logarithms[i, images.labels[other]].item() / 40
    assert 20 < n_cut < 40
    assert (losses["own"] + losses["other"]).item() == pytest.approx(total, rel=1e-4)


def test_sides_are_the_root_of_a_uniform_area(task, batch, seen):
    import torch

    from baselines.cutmix import CutMix

    module = CutMix(task, CutMix.Config(probability=1.0))
    shown = seen(module)
    images = torch.zeros(3000, 3, 10, 10)
    images[::2] = 1
    module.loss(batch(n=3000, images=images, index=torch.arange(3000)))
    # Rectangles are cut off at the edges; one that covers the middle row is whole in few cases
    # only, so that the mean area is compared with a simulation of the authors' own recipe.
    generator = torch.Generator().manual_seed(0)
    area, y, x = torch.rand(3, 20000, generator=generator)
    size = 1.0
    for middle in (y, x):
        half = (10 * area.sqrt()).int() // 2
        centre = (10 * middle).int()
        size = size * ((centre + half).clamp(0, 10) - (centre - half).clamp(0, 10)) / 10
    is_other = shown[0][:, 0] != images[:, 0]
    # Half of the partners look alike: where they do, nothing shows.
    assert float(is_other.float().mean()) == pytest.approx(float(size.mean()) / 2, abs=0.015)


def test_a_probability_of_zero_is_erm(task, batch):
    import torch
    import torch.nn.functional as F

    from baselines.cutmix import CutMix

    module, images = CutMix(task, CutMix.Config(probability=0.0)), batch()
    losses = module.loss(images)
    expected = F.cross_entropy(module(images.images), images.labels)
    torch.testing.assert_close(losses["own"], expected)
    assert losses["other"] == 0
