"""The checks, each a function that raises ConformanceError, and the run over all of them."""

import json
import pickle
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Literal, NamedTuple

import torch
import torch.nn.functional as F
from lightning.pytorch import LightningModule
from torch import Tensor
from torch.nn.modules.batchnorm import _BatchNorm
from typing_extensions import override

from data_gen.foundation.errors import DGBenchError
from dgbench.api import Batch, Losses, LossMethod, Method, UndeclaredError
from dgbench.checks.lab import ConformanceError, Subject, with_sgd
from dgbench.checks.two_processes import Weights, weights_after_one_step
from dgbench.registry import method_card
from dgbench.results.facts import USES
from dgbench.training.learner import logits
from dgbench.training.seeding import isolated, seed_all

Status = Literal["passed", "failed", "not applicable"]


class Outcome(NamedTuple):
    """What one check found."""

    check: str
    status: Status
    reason: str = ""
    """What was expected and where to look, or why the check does not apply."""


class NotApplicable(Exception):  # noqa: N818  (an answer, not an error)
    """The check makes no sense for this method, for the reason given."""


def check_card(subject: Subject) -> None:
    """The docstring and the facts of the class can be read without importing the method."""
    card = method_card(subject.name)
    if card.problem:
        raise ConformanceError(card.problem)
    if not card.summary:
        raise ConformanceError("The class has no docstring. Its first line is what lists show.")
    if "?" in card.uses:
        raise ConformanceError(
            "`uses` cannot be read without running the file. Write it as a literal, such as "
            'uses = frozenset({"environments"}).'
        )
    cls = subject.found.cls
    if issubclass(cls, Method):
        for fact in ("paper", "paradigm", "uses_backbone"):
            if getattr(card, fact) != getattr(cls, fact):
                raise ConformanceError(
                    f"`{fact}` cannot be read without running the file. Write it as a literal in "
                    "the class itself."
                )
    unknown = subject.recipe.uses - set(USES)
    if unknown:
        raise ConformanceError(f"`uses` names {min(unknown)!r}. Known: {sorted(USES)}.")


def check_hyper_parameters(subject: Subject) -> None:
    """The hyper-parameters survive JSON and pickle."""
    cls, document = subject.found.cls, json.loads(json.dumps(subject.recipe.hyper_parameters))
    if issubclass(cls, Method) and (again := cls.Config.of_document(document)) != cls.Config():
        raise ConformanceError(
            f"The hyper-parameters {cls.Config()!r} become {again!r} through JSON. Use plain types "
            "in Config, and leave document() as it is."
        )
    if pickle.loads(pickle.dumps(document)) != document:  # noqa: S301  (our own bytes)
        raise ConformanceError("The hyper-parameters change through pickle.")


def check_logits(subject: Subject) -> None:
    """Logits of the right shape that depend on one image only and not on the call."""
    module = subject.module().eval()
    n_classes = subject.task().n_classes
    with torch.no_grad():
        first, second = (_logits(module, subject.images()) for _ in range(2))
        alone = torch.cat([_logits(module, image[None]) for image in subject.images()])
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


def check_uses(subject: Subject) -> None:
    """The declared `uses` suffice for a step."""
    try:
        subject.trained(2)
    except UndeclaredError as error:
        raise ConformanceError(str(error)) from error


def check_moves(subject: Subject) -> None:
    """Training changes weights."""
    before = _copy(subject.module())
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


def _is_blind(module: LightningModule, images: Tensor) -> bool:
    """Whether all images get the same logits."""
    with torch.no_grad():
        found = _logits(module.eval(), images)
    return bool((found == found[:1]).all())


def check_determinism(subject: Subject) -> None:
    """Two trainings under one seed give the same weights, bit for bit."""
    _expect_equal(
        _copy(subject.trained(4)),
        _copy(subject.trained(4)),
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
        _copy(subject.trained(6)),
        _copy(resumed),
        "A run that was stopped and resumed differs in {name!r} from one that was not. Keep state "
        "in buffers, or in on_save_checkpoint and on_load_checkpoint.",
    )


def check_two_processes(subject: Subject) -> None:
    """Two processes that share a batch step along the gradient of one that sees it all."""
    cls = subject.found.cls
    if issubclass(cls, Method) and cls.batch_semantics == "local":
        raise NotApplicable("the method declares that it uses statistics of one device's images")
    module = subject.module()
    if any(isinstance(part, _BatchNorm) for part in module.modules()):
        raise NotApplicable("batch normalisation uses the statistics of one device's images")
    try:
        with_sgd(module)
    except TypeError as error:
        raise NotApplicable(str(error)) from error
    expect_same_step(subject, weights_after_one_step([subject.name])[subject.name])


def expect_same_step(subject: Subject, two: Weights | str) -> None:
    """ConformanceError unless `two`, from two processes, is where one process's step leads."""
    if isinstance(two, str):
        raise ConformanceError(f"A step in two processes failed with {two}.")
    one = _copy(subject.trained(1, module=with_sgd(subject.module()), finishes=False))
    start = _copy(subject.module())
    for name, weights in one.items():
        before, first, second = (
            each.double().nan_to_num(0, 0, 0) for each in (start[name], weights, two[name])
        )
        step, other = first - before, second - before
        if not torch.allclose(step, other, rtol=1e-3, atol=1e-7 + 1e-4 * float(step.abs().max())):
            raise ConformanceError(
                f"One step in two processes moves {name!r} by another gradient than in one. A loss "
                "that compares images must gather them (self.gather, batch_semantics = 'global'); "
                "random numbers must be keyed by image (batch.uniform); else declare "
                "batch_semantics = 'local'."
            )


def check_is_not_erm(subject: Subject) -> None:
    """The method does something that plain cross-entropy does not."""
    cls = subject.found.cls
    if not issubclass(cls, Method):
        raise NotApplicable("a plain Lightning module has its own network and optimiser")
    if set(subject.recipe.hyper_parameters) == set(Method.Config().document()):
        raise NotApplicable("the method adds no hyper-parameter, so it may be meant as ERM")
    mine = _copy(subject.trained(4))
    with isolated():
        seed_all("first weights", 0)
        plain = _copy(subject.trained(4, module=_PlainERM(subject.task(4))))
    if mine.keys() == plain.keys() and all(torch.equal(mine[n], plain[n]) for n in mine):
        raise ConformanceError(
            "After four steps the weights are those of ERM, bit for bit. With its defaults the "
            "method does nothing; choose other defaults, or declare what it needs."
        )


CHECKS: Sequence[Callable[[Subject], None]] = (
    check_card,
    check_hyper_parameters,
    check_logits,
    check_features,
    check_devices,
    check_uses,
    check_moves,
    check_learns,
    check_determinism,
    check_state_dict,
    check_resume,
    check_two_processes,
    check_is_not_erm,
)


def check_method(name: str, *, told: Callable[[Outcome], None] | None = None) -> list[Outcome]:
    """Run all checks on a method, by its installed name or `path.py:Class`.

    `told` hears each outcome as soon as it is known. Raises DGBenchError where the method cannot
    be imported.
    """
    subject = Subject(name)
    subject.found  # noqa: B018  (what cannot be imported cannot be checked)
    outcomes = []
    for check in CHECKS:
        outcome = _outcome(check, subject)
        outcomes.append(outcome)
        if told is not None:
            told(outcome)
    return outcomes


def assert_conforms(name: str) -> None:
    """Raise ConformanceError with every check that a method fails: one line for a test."""
    failed = [outcome for outcome in check_method(name) if outcome.status == "failed"]
    if failed:
        lines = "\n".join(f"{outcome.check}: {outcome.reason}" for outcome in failed)
        raise ConformanceError(f"{name!r} fails {len(failed)} check(s).\n{lines}")


def _outcome(check: Callable[[Subject], None], subject: Subject) -> Outcome:
    name = check.__name__.removeprefix("check_").replace("_", " ")
    try:
        check(subject)
    except NotApplicable as reason:
        return Outcome(name, "not applicable", str(reason))
    except DGBenchError as error:
        return Outcome(name, "failed", str(error))
    except Exception as error:  # foreign code may raise anything; it is what the check has found
        text = " ".join(str(error).split())[:300]
        return Outcome(name, "failed", f"{type(error).__name__}: {text}{_place(error)}")
    return Outcome(name, "passed")


def _place(error: Exception) -> str:
    """File and line where an error was raised."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    if trace is None:
        return ""
    code = trace.tb_frame.f_code
    return f" ({Path(code.co_filename).name}, line {trace.tb_lineno}, in {code.co_name})"


class _PlainERM(LossMethod):
    """Cross-entropy and nothing else."""

    @override
    def loss(self, batch: Batch) -> Losses:
        return {"cross_entropy": F.cross_entropy(self(batch.images), batch.labels)}


def _logits(module: LightningModule, images: Tensor) -> Tensor:
    return logits(module, images)


def _copy(module: LightningModule) -> dict[str, Tensor]:
    return {name: value.detach().clone() for name, value in module.state_dict().items()}


def _cross_entropy(module: LightningModule, images: Tensor, labels: Tensor) -> float:
    module.eval()
    with torch.no_grad():
        return float(F.cross_entropy(_logits(module, images), labels))


def _expect_equal(one: dict[str, Tensor], other: dict[str, Tensor], message: str) -> None:
    for name, value in one.items():
        if not torch.equal(value, other[name]):
            raise ConformanceError(message.format(name=name))
