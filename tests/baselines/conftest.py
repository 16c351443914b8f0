"""What tests of single methods share: a tiny task, and a batch of it."""

import pytest


@pytest.fixture
def task():
    """Three classes of images of 8 x 8 pixels, a network of two layers, four steps."""
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
