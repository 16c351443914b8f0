"""Checks that a training can be repeated, saved, and resumed."""

import tempfile
from pathlib import Path

import torch

from dgbench.checks.errors import ConformanceError
from dgbench.checks.lab import Subject, Weights, weights_of


def check_determinism(subject: Subject) -> None:
    """Two trainings under one seed give the same weights, bit for bit."""
    _expect_equal(
        weights_of(subject.trained(4)),
        weights_of(subject.trained(4)),
        "Two trainings under the same seed differ in {name!r}. Draw random numbers from "
        "batch.uniform or torch's global generator, and keep no state outside the module.",
    )


def check_state_dict(subject: Subject) -> None:
    """The state dict holds all that predictions depend on."""
    trained, other = subject.trained(3).eval(), subject.module(seed=1).eval()
    with tempfile.TemporaryDirectory(prefix="dgbench-") as folder:
        path = Path(folder, "state.pt")
        torch.save(trained.state_dict(), path)
        other.load_state_dict(torch.load(path, weights_only=True))
    with torch.no_grad():
        if not torch.equal(trained(subject.images()), other(subject.images())):
            raise ConformanceError(
                "A fresh module with the state dict of a trained one predicts something else. "
                "Register what predictions need as parameters, buffers or modules."
            )


def check_resume(subject: Subject) -> None:
    """Stopping after three of six steps and going on gives the weights of six steps."""
    with tempfile.TemporaryDirectory(prefix="dgbench-") as folder:
        path = Path(folder, "last.ckpt")
        subject.trained(6, stop_at=3, save_to=path)
        resumed = subject.trained(6, resume_from=path)
    _expect_equal(
        weights_of(subject.trained(6)),
        weights_of(resumed),
        "A run that was stopped and resumed differs in {name!r} from one that was not. Keep state "
        "in buffers, or in on_save_checkpoint and on_load_checkpoint.",
    )


def _expect_equal(first: Weights, second: Weights, message: str) -> None:
    for name, value in first.items():
        if not torch.equal(value, second[name]):
            raise ConformanceError(message.format(name=name))
