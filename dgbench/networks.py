"""Backbones by name: images (b, c, h, w) in [0, 1] to features (b, d)."""

from collections.abc import Callable

import torch
from torch import nn

from dgbench.registry import load_entry_point

BACKBONES_GROUP = "dgbench.backbones"
"""Entry points that name a function from an image shape (c, h, w) to a module."""

Factory = Callable[[tuple[int, int, int]], nn.Module]


def small_cnn(image_shape: tuple[int, int, int]) -> nn.Module:
    """Two convolutions and a hidden layer of 64, in a few milliseconds a step on a CPU."""
    channels, height, width = image_shape
    convolutions = nn.Sequential(
        nn.Conv2d(channels, 12, 5, stride=2, padding=2),
        nn.ReLU(),
        nn.Conv2d(12, 24, 3, padding=1),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Flatten(),
    )
    size = 24 * (-(-height // 2) // 2) * (-(-width // 2) // 2)
    return nn.Sequential(convolutions, nn.Linear(size, 64), nn.ReLU())


def domainbed_cnn(image_shape: tuple[int, int, int]) -> nn.Module:
    """Four convolutions with group normalisation, averaged over the image to 128 features.

    The layers of DomainBed's network for MNIST (Gulrajani and Lopez-Paz 2021, arXiv 2007.01434).
    """
    layers: list[nn.Module] = []
    inputs = image_shape[0]
    for outputs, stride in ((64, 1), (128, 2), (128, 1), (128, 1)):
        convolution = nn.Conv2d(inputs, outputs, 3, stride=stride, padding=1)
        layers += [convolution, nn.ReLU(), nn.GroupNorm(8, outputs)]
        inputs = outputs
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten())


def resnet18(image_shape: tuple[int, int, int]) -> nn.Module:
    """Torchvision's ResNet-18 without its head, for larger canvases, with 512 features."""
    from torchvision.models import resnet18 as make

    network = make(weights=None)
    if image_shape[0] != 3:
        network.conv1 = nn.Conv2d(image_shape[0], 64, 7, stride=2, padding=3, bias=False)
    network.fc = nn.Identity()
    return network


def factory_of(name: str) -> Factory:
    """The factory that an installed package registers under a name."""
    return load_entry_point(BACKBONES_GROUP, name, "backbone")


def n_features_of(factory: Factory, image_shape: tuple[int, int, int]) -> int:
    """The number of a backbone's features, measured on one image."""
    network = factory(image_shape).eval()
    with torch.no_grad():
        features = network(torch.zeros(1, *image_shape))
    if features.ndim != 2 or len(features) != 1:
        raise ValueError(
            f"A backbone must map images (b, c, h, w) to features (b, d); for one image of shape "
            f"{image_shape} this one gives {tuple(features.shape)}. End it with nn.Flatten()."
        )
    return features.shape[1]
