"""Whitened ERM: the map is the inverse root of the channels' covariance, and then stays."""

import numpy as np
import pytest
import torch

from baselines.channel_moments import ChannelMoments, mixed, whitening
from baselines.whitened_erm import WhitenedERM
from dgbench.api import UsageError


def by_hand(images, floor=1e-4):
    """The whitening matrix of all pixels, by NumPy's covariance and singular values."""
    pixels = images.double().permute(0, 2, 3, 1).reshape(-1, images.shape[1]).numpy()
    covariance = np.cov(pixels, rowvar=False, bias=True)
    vectors, values, _ = np.linalg.svd(covariance)
    shares = values / values.max()
    matrix = np.zeros_like(covariance)
    for share, vector in zip(shares, vectors.T, strict=True):
        if share > floor:
            matrix += np.outer(vector, vector) / np.sqrt(share)
    return torch.tensor(matrix, dtype=torch.float32)


def tinted(n=16, *, strength=0.05):
    """Grey images with a faint tint."""
    generator = torch.Generator().manual_seed(1)
    grey = torch.rand(n, 1, 10, 10, generator=generator)
    return (grey + strength * torch.rand(n, 3, 10, 10, generator=generator)) / (1 + strength)


@pytest.mark.parametrize("floor", [1e-6, 1e-2])
def test_the_matrix_is_that_of_an_independent_computation(floor):
    images = tinted()
    moments = ChannelMoments(3)
    for part in images.split(5):
        moments.add(part, gather=lambda values: values)
    matrix = whitening(moments.covariance, floor=floor)
    assert torch.allclose(matrix, by_hand(images, floor), rtol=1e-3, atol=1e-3)


def test_whitened_channels_vary_alike_and_apart():
    images = tinted()
    moments = ChannelMoments(3)
    moments.add(mixed(images, by_hand(images)), gather=lambda values: values)
    covariance = moments.covariance / moments.covariance[0, 0]
    assert torch.allclose(covariance, torch.eye(3), atol=0.01)


def test_directions_that_the_data_do_not_use_are_dropped():
    images = tinted()
    images[:, 2] = images[:, 1]
    moments = ChannelMoments(3)
    moments.add(images, gather=lambda values: values)
    matrix = whitening(moments.covariance, floor=1e-4)
    assert matrix.isfinite().all()
    assert torch.linalg.matrix_rank(matrix, rtol=1e-4) == 2


def test_the_map_is_gathered_from_the_first_batches_and_then_fixed(task, batch, train):
    config = WhitenedERM.Config(statistics_steps=2)
    batches = [batch(step=step) for step in range(4)]
    method = train(WhitenedERM(task, config), batches, learning_rate=0.1)
    images = torch.cat([made.images for made in batches[:2]])
    assert torch.allclose(method.whitening, by_hand(images), rtol=1e-3, atol=1e-3)


def test_before_the_first_step_images_stay_as_they_are(task, batch):
    method, images = WhitenedERM(task), batch().images
    assert torch.allclose(method.features(images), method.network(images), atol=1e-6)


def test_black_pixels_alone_give_no_infinite_map():
    moments = ChannelMoments(3)
    moments.add(torch.zeros(4, 3, 10, 10), gather=lambda values: values)
    assert not whitening(moments.covariance, floor=1e-4).any()


def test_a_floor_of_zero_is_refused():
    with pytest.raises(UsageError, match="floor"):
        WhitenedERM.Config(floor=0.0)
