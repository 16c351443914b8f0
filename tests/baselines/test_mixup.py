"""Mixup blends each image with one other, and the labels in the same proportion."""

import pytest


def striped(n):
    """Images of which the i-th is bright in its own pixel only, so that blends tell their parts."""
    import torch

    images = torch.zeros(n, 3, 10, 10)
    for i in range(n):
        images[i, :, i // 10, i % 10] = 1
    return images


def test_each_image_is_blended_with_one_other_and_so_is_its_label(task, batch, seen):
    import torch

    from baselines.mixup import Mixup

    module, images = Mixup(task, Mixup.Config(alpha=2.0)), batch(images=striped(8))
    shown = seen(module)
    losses = module.loss(images)
    share = float(shown[0][0, 0, 0, 0])
    assert 0 < share < 1
    parts = shown[0][:, 0].flatten(1)
    own = parts[torch.arange(8), torch.arange(8)]
    torch.testing.assert_close(own, torch.full((8,), share))
    others = (parts - share * torch.eye(8, 100)).argmax(1)
    assert sorted(others.tolist()) == list(range(8))
    assert not (others == torch.arange(8)).any()

    logarithms = module(shown[0]).log_softmax(1)
    expected = [0.0, 0.0]
    for i, j in enumerate(others.tolist()):
        expected[0] -= share * logarithms[i, images.labels[i]].item() / 8
        expected[1] -= (1 - share) * logarithms[i, images.labels[j]].item() / 8
    assert [losses["own"].item(), losses["other"].item()] == pytest.approx(expected, rel=1e-4)


def test_the_proportion_is_drawn_anew_for_each_step_and_run_from_a_beta_distribution(
    task, batch, seen
):
    import torch

    from baselines.mixup import Mixup

    module = Mixup(task, Mixup.Config(alpha=2.0))
    shown = seen(module)
    for step in range(300):
        module.loss(batch(n=2, images=striped(2), step=step, seed=step % 2))
    shares = torch.stack([images[0, 0, 0, 0] for images in shown])
    assert len(shares.unique()) == 300
    # Beta(a, a) has mean 1/2 and variance 1 / (4 (2a + 1)).
    assert float(shares.mean()) == pytest.approx(1 / 2, abs=0.05)
    assert float(shares.var()) == pytest.approx(1 / 20, abs=0.01)
