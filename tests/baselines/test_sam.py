"""SAM steps from where it is along the gradient of where it has climbed to."""

import copy

import pytest


def sharp_step(module, batch, *, radius, learning_rate):
    """The weights after one step, computed on copies."""
    import torch
    import torch.nn.functional as F

    def gradient(network):
        loss = F.cross_entropy(network(batch.images), batch.labels)
        return torch.autograd.grad(loss, list(network.parameters()))

    slope = gradient(module)
    norm = sum(float(part.square().sum()) for part in slope) ** 0.5
    climbed = copy.deepcopy(module)
    with torch.no_grad():
        for weight, part in zip(climbed.parameters(), slope, strict=True):
            weight += radius * part / norm
    pairs = zip(module.parameters(), gradient(climbed), strict=True)
    return [weight.detach() - learning_rate * part for weight, part in pairs]


@pytest.mark.parametrize("radius", [0.0, 0.5])
def test_the_gradient_is_taken_uphill_and_the_step_from_the_start(task, batch, train, radius):
    import torch

    from baselines.sam import SAM

    module, images = SAM(task, SAM.Config(radius=radius)), batch()
    expected = sharp_step(module, images, radius=radius, learning_rate=0.1)
    train(module, [images], learning_rate=0.1)
    for weight, value in zip(module.parameters(), expected, strict=True):
        torch.testing.assert_close(weight.detach(), value)


def test_the_radius_matters(task, batch, train):
    import torch

    from baselines.sam import SAM

    near = SAM(task, SAM.Config(radius=0.0))
    far = SAM(task, SAM.Config(radius=0.5))
    far.load_state_dict(near.state_dict())
    for module in (near, far):
        train(module, [batch()], learning_rate=0.1)
    assert not torch.allclose(near.head.weight, far.head.weight)
