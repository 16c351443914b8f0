"""The task of a method, as it is told before training."""

from collections.abc import Callable
from dataclasses import dataclass

from torch import nn


@dataclass(frozen=True, kw_only=True)
class Task:
    """The classes, the images and the budget, but nothing about patterns or test domains."""

    n_classes: int
    image_shape: tuple[int, int, int]
    """Channels, height, width."""
    new_network: Callable[[], nn.Module]
    """Make a freshly initialised backbone: images (b, c, h, w) to features (b, n_features)."""
    n_features: int
    """Size of the backbone's features."""
    n_train: int
    """Number of training images."""
    steps: int
    """Number of batches in the whole training."""
    batch_size: int
    """Images a batch, over all devices."""
    environments: tuple[str, ...] = ()
    """Names of the training environments, for methods that use them. `batch.environments` holds
    indices into it."""
