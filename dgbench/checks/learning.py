"""Checks of what training does to a method: it moves, it learns, and it is not ERM."""

import torch
import torch.nn.functional as F
from lightning.pytorch import LightningModule
from torch import Tensor
from typing_extensions import override

from dgbench.api import Batch, Losses, LossMethod, Method
from dgbench.checks.errors import ConformanceError, NotApplicable
from dgbench.checks.lab import Subject, weights_of
from dgbench.training.learner import logits
from dgbench.training.seeding import isolated, seed_all


def check_moves(subject: Subject) -> None:
    """Training changes weights."""
    before = weights_of(subject.module())
    after = subject.trained(3).state_dict()
    if all(torch.equal(before[name], after[name]) for name in before):
        raise ConformanceError(
            "No weight has moved after three steps. Is the loss connected to the parameters, and "
            "does training_step step the optimiser?"
        )


def check_learns(subject: Subject) -> None:
    """The cross-entropy of the predictions falls on a small task, and stays a number."""
    n = 120
    before = _cross_entropy(subject.module(), subject.images(n), subject.labels(n))
    trained = subject.trained(150)
    if _is_blind(subject.module(), subject.images(n)) and _is_blind(trained, subject.images(n)):
        raise NotApplicable("the predictions depend on no image")
    after = _cross_entropy(trained, subject.images(n), subject.labels(n))
    if not after < 0.9 * before:
        raise ConformanceError(
            f"The cross-entropy on training images went from {before:.3f} to {after:.3f} in 150 "
            "steps, expected a fall of a tenth at least. Look at the loss's sign and the learning "
            "rate."
        )


def check_is_not_erm(subject: Subject) -> None:
    """The method does something that plain cross-entropy does not."""
    cls = subject.found.cls
    if not issubclass(cls, Method):
        raise NotApplicable("a plain Lightning module has its own network and optimiser")
    if set(subject.recipe.hyper_parameters) == set(Method.Config().document()):
        raise NotApplicable("the method adds no hyper-parameter, so it may be meant as ERM")
    mine = weights_of(subject.trained(4))
    with isolated():
        seed_all("first weights", 0)
        plain = weights_of(subject.trained(4, module=_PlainERM(subject.task(4))))
    if mine.keys() == plain.keys() and all(torch.equal(mine[n], plain[n]) for n in mine):
        raise ConformanceError(
            "After four steps the weights are those of ERM, bit for bit. With its defaults the "
            "method does nothing; choose other defaults, or declare what it needs."
        )


def _is_blind(module: LightningModule, images: Tensor) -> bool:
    """Whether all images get the same logits."""
    with torch.no_grad():
        predicted = logits(module.eval(), images)
    return bool((predicted == predicted[:1]).all())


def _cross_entropy(module: LightningModule, images: Tensor, labels: Tensor) -> float:
    module.eval()
    with torch.no_grad():
        return float(F.cross_entropy(logits(module, images), labels))


class _PlainERM(LossMethod):
    """Cross-entropy and nothing else."""

    @override
    def loss(self, batch: Batch) -> Losses:
        return {"cross_entropy": F.cross_entropy(self(batch.images), batch.labels)}
