"""Label smoothing against the sum over classes."""

import pytest


@pytest.mark.parametrize("smoothing", [0.0, 0.2])
def test_every_class_has_a_share_of_the_target(task, batch, smoothing):
    import math

    from baselines.label_smoothing import LabelSmoothing

    module, images = LabelSmoothing(task, LabelSmoothing.Config(smoothing=smoothing)), batch()
    total = 0.0
    for logits, label in zip(module(images.images).tolist(), images.labels.tolist(), strict=True):
        normal = math.log(sum(map(math.exp, logits)))
        for k, logit in enumerate(logits):
            target = (1 - smoothing) * (k == label) + smoothing / 3
            total += target * (normal - logit) / 8
    assert module.loss(images)["cross_entropy"].item() == pytest.approx(total, rel=1e-5)
