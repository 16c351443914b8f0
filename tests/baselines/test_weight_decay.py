"""Weight decay pulls weights on which no gradient acts."""

import pytest


def after_one_step(task, **settings):
    """All weights before and after a step in which the loss has no gradient."""
    import torch

    from baselines.weight_decay import WeightDecay

    module = WeightDecay(task, WeightDecay.Config(learning_rate=0.01, **settings))
    before = [weight.detach().clone() for weight in module.parameters()]
    for weight in module.parameters():
        weight.grad = torch.zeros_like(weight)
    module.configure_optimizers().step()
    return before, [weight.detach() for weight in module.parameters()]


def test_decoupled_decay_multiplies_every_weight(task):
    import torch

    before, after = after_one_step(task, weight_decay=0.5, decoupled=True)
    for old, new in zip(before, after, strict=True):
        torch.testing.assert_close(new, old * (1 - 0.01 * 0.5))


def test_the_penalty_gradient_passes_through_adam(task):
    import torch

    before, after = after_one_step(task, weight_decay=0.5)
    for old, new in zip(before, after, strict=True):
        # Adam's first step has the length of the learning rate, whatever the gradient's.
        torch.testing.assert_close(new, old - 0.01 * old.sign(), atol=1e-5, rtol=0)


@pytest.mark.parametrize("decoupled", [False, True])
def test_no_decay_is_erm(task, batch, decoupled):
    import torch
    import torch.nn.functional as F

    from baselines.weight_decay import WeightDecay

    before, after = after_one_step(task, weight_decay=0.0, decoupled=decoupled)
    assert all(torch.equal(old, new) for old, new in zip(before, after, strict=True))
    module, images = WeightDecay(task), batch()
    losses = module.loss(images)
    assert losses == {"cross_entropy": F.cross_entropy(module(images.images), images.labels)}


def test_decay_is_on_by_default(task):
    from baselines.weight_decay import WeightDecay

    (group,) = WeightDecay(task).configure_optimizers().param_groups
    assert group["weight_decay"] > 0
