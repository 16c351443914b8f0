"""A task so small that a method can be compared with a slow computation by hand."""

import warnings

import pytest


@pytest.fixture
def task():
    """Three classes, images of ten by ten, six features, and always the same initial weights."""
    import torch
    from torch import nn

    from dgbench.api import Task

    def network():
        convolution = nn.Conv2d(3, 4, 3, stride=2, padding=1)
        return nn.Sequential(convolution, nn.ReLU(), nn.Flatten(), nn.Linear(100, 6), nn.ReLU())

    torch.manual_seed(0)
    return Task(
        n_classes=3,
        image_shape=(3, 10, 10),
        new_network=network,
        n_features=6,
        n_train=64,
        steps=10,
        batch_size=8,
    )


@pytest.fixture
def batch():
    """Makes a batch of random images. Keywords are fields of the batch."""
    import torch

    from dgbench.api import Batch

    def make(n=8, **fields):
        generator = torch.Generator().manual_seed(fields.get("step", 0))
        start = {
            "images": torch.rand(n, 3, 10, 10, generator=generator),
            "labels": torch.randint(3, (n,), generator=generator),
            "index": torch.randperm(64, generator=generator)[:n],
            "step": 0,
            "seed": 0,
            "extras": {},
        }
        return Batch(**(start | fields))

    return make


@pytest.fixture
def train():
    """Trains a module on some batches by stochastic gradient descent, or as it would itself."""
    import torch
    from lightning.pytorch import Trainer
    from torch.utils.data import DataLoader

    def fit(module, batches, *, learning_rate=None, callbacks=()):
        if learning_rate is not None:
            optimizer = torch.optim.SGD(module.parameters(), lr=learning_rate)
            module.configure_optimizers = lambda: optimizer
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            trainer = Trainer(
                accelerator="cpu",
                max_epochs=1,
                callbacks=list(callbacks),
                logger=False,
                enable_checkpointing=False,
                enable_progress_bar=False,
                enable_model_summary=False,
            )
            # A bare list would be taken for several streams.
            trainer.fit(module, DataLoader(batches, batch_size=None))
        return module

    return fit


@pytest.fixture
def seen():
    """The images that a module's network is shown, gathered in a list."""

    def watch(module):
        shown = []
        module.network.register_forward_pre_hook(lambda _, inputs: shown.append(inputs[0]))
        return shown

    return watch
