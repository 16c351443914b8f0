"""Make a method ready to train: the module, its hyper-parameters, and what it may see."""

import inspect
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, get_type_hints

import torch
from jaxtyping import Float
from lightning.pytorch import LightningModule
from pydantic import TypeAdapter, ValidationError
from torch import Tensor

from data_gen.foundation.errors import DGBenchError, UsageError, suggestion
from data_gen.spec import Spec
from data_gen.spec_files import newest
from dgbench.api import Method, Task
from dgbench.results.facts import PARADIGMS, USES, Paper, Paradigm
from dgbench.training.errors import UnfitError

_GIVEN = ("num_classes", "in_shape")
"""Arguments that a plain Lightning module gets if its signature names them."""


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """A method class with its hyper-parameters: everything except the network's first weights."""

    cls: type[LightningModule]
    hyper_parameters: dict[str, Any]
    """As plain JSON values, defaults included."""

    @property
    def is_plain(self) -> bool:
        """Whether the class is a Lightning module that knows nothing of dgbench."""
        return not issubclass(self.cls, Method)

    @property
    def uses(self) -> frozenset[str]:
        """Extra information that the class declares."""
        return self.cls.uses if issubclass(self.cls, Method) else frozenset()

    @property
    def regularisation(self) -> tuple[str, ...]:
        """The order of trials that the class declares, empty without one."""
        return self.cls.regularisation if issubclass(self.cls, Method) else ()

    @property
    def paradigm(self) -> Paradigm:
        """The kind of learning system that the class declares."""
        return self.cls.paradigm if issubclass(self.cls, Method) else "network"

    @property
    def uses_backbone(self) -> bool:
        """Whether the class trains the task's backbone. A plain module has a network of its own."""
        return self.cls.uses_backbone if issubclass(self.cls, Method) else False

    @property
    def is_yardstick(self) -> bool:
        """Whether the class says that it is a yardstick, not a contender."""
        return self.cls.is_yardstick if issubclass(self.cls, Method) else False

    @property
    def paper(self) -> Paper | None:
        """The publication that the class names."""
        return self.cls.paper if issubclass(self.cls, Method) else None

    def make(self, task: Task) -> LightningModule:
        """Make the module, freshly initialised."""
        if issubclass(self.cls, Method):
            return self.cls(task, self.cls.Config.of_document(self.hyper_parameters))
        available = {"num_classes": task.n_classes, "in_shape": task.image_shape}
        accepted = inspect.signature(self.cls).parameters
        arguments = {name: value for name, value in available.items() if name in accepted}
        return self.cls(**arguments, **self.hyper_parameters)


def recipe(cls: type[LightningModule], settings: Mapping[str, str]) -> Recipe:
    """Combine a method with hyper-parameters as typed on the command line."""
    if issubclass(cls, Method):
        unknown = cls.uses - set(USES)
        if unknown:
            raise DGBenchError(
                f"{cls.__name__}.uses names {min(unknown)!r}. {suggestion(min(unknown), USES)}"
            )
        if cls.paradigm not in PARADIGMS:
            raise DGBenchError(
                f"{cls.__name__}.paradigm is {cls.paradigm!r}. "
                f"{suggestion(cls.paradigm, PARADIGMS)}"
            )
        chosen = Recipe(cls=cls, hyper_parameters=cls.Config.of_texts(settings).document())
        _check_order(chosen)
        return chosen
    return Recipe(cls=cls, hyper_parameters=_plain_settings(cls, settings))


def _check_order(chosen: Recipe) -> None:
    for name in chosen.regularisation:
        field = name.removeprefix("-")
        if not isinstance(chosen.hyper_parameters.get(field), int | float):
            raise DGBenchError(
                f"{chosen.cls.__name__}.regularisation names {field!r}, which is not a numeric "
                f"hyper-parameter of it. {suggestion(field, chosen.hyper_parameters)}"
            )


def check_fits(chosen: Recipe, spec: Spec, name: str) -> None:
    """Refuse a method on a benchmark that lacks what it needs."""
    n = max(1, len(spec.training_environments))
    cls = chosen.cls
    needed = cls.n_environments if issubclass(cls, Method) else 1
    if "environments" in chosen.uses:
        needed = max(needed, 2)
    if n < needed:
        fitting = [
            identity
            for identity, document in newest().items()
            if sum(not e.get("held_out") for e in document.get("environments", ())) >= needed
        ]
        raise UnfitError(
            f"{name} needs {needed} or more training environments; {spec.id} has {n}. Benchmarks "
            f"that have them: {', '.join(fitting) or 'none is installed'}."
        )
    if spec.environments and chosen.uses & {"unlabelled_ood", "balanced_validation"}:
        lacking = min(chosen.uses & {"unlabelled_ood", "balanced_validation"})
        raise UnfitError(f"{name} uses {lacking!r}, which {spec.id} does not have.")


def logits(module: LightningModule, images: Float[Tensor, "b c h w"]) -> Float[Tensor, "b k"]:
    """Compute what a method predicts, and check its shape."""
    outputs = module(images)
    if not isinstance(outputs, Tensor) or outputs.ndim != 2 or len(outputs) != len(images):
        shape = tuple(outputs.shape) if isinstance(outputs, Tensor) else type(outputs).__name__
        raise DGBenchError(
            f"{type(module).__name__}.forward gives {shape} for {len(images)} images, expected "
            f"logits of shape ({len(images)}, n_classes)."
        )
    return outputs.to(torch.float32)


def _plain_settings(cls: type[LightningModule], settings: Mapping[str, str]) -> dict[str, Any]:
    """Replace some of a plain module's defaults by values as typed."""
    hints = get_type_hints(cls.__init__)
    arguments = {}
    for name, parameter in inspect.signature(cls).parameters.items():
        if name in _GIVEN or parameter.kind in (parameter.VAR_KEYWORD, parameter.VAR_POSITIONAL):
            continue
        if parameter.default is parameter.empty:
            raise UsageError(
                f"{cls.__name__} needs the argument {name!r}, which has no default. dgbench gives "
                "num_classes and in_shape; give every other argument a default."
            )
        if isinstance(parameter.default, bool | int | float | str | None):
            arguments[name] = parameter.default
    for name, text in settings.items():
        if name not in arguments:
            raise UsageError(
                f"{cls.__name__} has no hyper-parameter {name!r}. {suggestion(name, arguments)}"
            )
        kind = hints.get(name, type(arguments[name]))
        try:
            arguments[name] = TypeAdapter(kind).validate_strings(text)
        except ValidationError as error:
            problem = error.errors(include_url=False)[0]["msg"]
            raise UsageError(f"{cls.__name__}: {name} is {text!r}. {problem}.") from error
    return arguments
