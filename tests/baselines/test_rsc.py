"""RSC against loops over images and features, with gradients by autograd."""

import pytest


def challenged(module, batch, *, feature_share, image_share):
    """The loss, and for each image the features that were muted."""
    import numpy as np
    import torch

    z = module.features(batch.images).detach()
    strong, change = [], []
    for row, label in zip(z, batch.labels, strict=True):
        point = row.clone().requires_grad_()
        logits = module.head(point)
        (slope,) = torch.autograd.grad(logits[label], point)
        limit = np.quantile(slope.numpy(), 1 - feature_share)
        strong.append([i for i in range(len(row)) if slope[i] > limit])
        muted = row.clone()
        muted[strong[-1]] = 0
        before, after = logits.softmax(0)[label], module.head(muted).softmax(0)[label]
        change.append((before - after).item())
    limit = np.quantile(change, 1 - image_share)
    total, chosen = 0.0, []
    for row, label, features, fall in zip(z, batch.labels, strong, change, strict=True):
        chosen.append(features if fall > limit else [])
        row[chosen[-1]] = 0
        total -= module.head(row).log_softmax(0)[label].item() / len(z)
    return total, chosen


def test_the_strongest_features_are_muted_where_they_matter_most(task, batch):
    from baselines.rsc import RSC

    settings = {"feature_share": 0.4, "image_share": 0.3}
    module, images = RSC(task, RSC.Config(**settings)), batch(n=12)
    expected, muted = challenged(module, images, **settings)
    assert [len(features) for features in muted].count(2) == 4
    assert [len(features) for features in muted].count(0) == 8
    assert module.loss(images)["cross_entropy"].item() == pytest.approx(expected, rel=1e-5)


@pytest.mark.parametrize("field", ["feature_share", "image_share"])
def test_a_share_of_zero_is_erm(task, batch, field):
    import torch
    import torch.nn.functional as F

    from baselines.rsc import RSC

    module, images = RSC(task, RSC.Config(**{field: 0.0})), batch()
    expected = F.cross_entropy(module(images.images), images.labels)
    torch.testing.assert_close(module.loss(images)["cross_entropy"], expected)


def test_muted_features_get_no_gradient(task, batch):
    import torch

    from baselines.rsc import RSC

    module, images = RSC(task), batch(n=12)
    _, muted = challenged(module, images, feature_share=1 / 3, image_share=1 / 3)
    z = module.features(images.images).detach().requires_grad_()
    module.features = lambda _: z
    (slope,) = torch.autograd.grad(module.loss(images)["cross_entropy"], z)
    for row, features in zip(slope, muted, strict=True):
        assert [i for i in range(6) if row[i] == 0] == features
