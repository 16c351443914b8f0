"""Checks of what a method predicts: its logits, its features, and the device they are on."""

import torch

from dgbench.api import Method
from dgbench.checks.errors import ConformanceError, NotApplicable
from dgbench.checks.lab import Subject
from dgbench.training.learner import logits


def check_logits(subject: Subject) -> None:
    """Logits of the right shape that depend on one image only and not on the call."""
    module = subject.module().eval()
    n_classes = subject.task().n_classes
    with torch.no_grad():
        first, second = (logits(module, subject.images()) for _ in range(2))
        alone = torch.cat([logits(module, image[None]) for image in subject.images()])
    if first.shape[1] != n_classes or not torch.isfinite(first).all():
        raise ConformanceError(
            f"forward gives shape {tuple(first.shape)}, expected ({len(first)}, {n_classes}) and "
            "finite numbers."
        )
    if not torch.equal(first, second):
        raise ConformanceError(
            "Two calls of forward on the same images differ. In eval mode nothing may be random."
        )
    if "test_time" not in subject.recipe.uses and not torch.allclose(first, alone, atol=1e-4):
        raise ConformanceError(
            "forward on a batch differs from forward on its images one by one. A prediction may "
            "not depend on other test images, unless the method declares test_time in `uses`."
        )


def check_features(subject: Subject) -> None:
    """Features are one vector an image."""
    module = subject.module().eval()
    if not isinstance(module, Method):
        raise NotApplicable("a plain Lightning module has no features")
    with torch.no_grad():
        features = module.features(subject.images())
    if features.ndim != 2 or len(features) != len(subject.images()):
        raise ConformanceError(
            f"features gives shape {tuple(features.shape)} for {len(subject.images())} images, "
            "expected (b, d). Flatten what the network returns."
        )


def check_devices(subject: Subject) -> None:
    """Every tensor that forward needs moves with the module: tried on torch's device `meta`."""
    module = subject.module().eval().to("meta")
    try:
        with torch.no_grad():
            module(subject.images().to("meta"))
    except NotImplementedError as error:
        raise NotApplicable(f"forward needs values, which `meta` has not: {error}") from error
    except RuntimeError as error:
        raise ConformanceError(
            f"forward fails when the module is moved to another device: {error} Register tensors "
            "with self.register_buffer, and make new ones on the device of the images."
        ) from error
