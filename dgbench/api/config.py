"""Hyper-parameters: typed, checked, with their search ranges beside the defaults."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from functools import cache
from typing import Annotated, Any, Self, get_origin, get_type_hints

from annotated_types import Ge, Gt
from pydantic import ConfigDict, TypeAdapter, ValidationError

from data_gen.foundation.errors import UsageError, ended, suggestion
from dgbench.api.ranges import LogUniform, Range

_STRICT = ConfigDict(strict=True, allow_inf_nan=False)


@dataclass(frozen=True, kw_only=True)
class Config:
    """Base of every method's hyper-parameters; each field has a default.

    A field is written `weight: Annotated[float, LogUniform(1e-5, 1e-1), Ge(0)] = 0.1`: its type,
    where to search, its limits, its default. Values of another type or beyond a limit raise
    UsageError.
    """

    learning_rate: Annotated[float, LogUniform(1e-4, 1e-2), Gt(0)] = 1e-3
    """Step size of the optimiser."""
    weight_decay: Annotated[float, LogUniform(1e-6, 1e-2), Ge(0)] = 0.0
    """Strength of the L2 penalty that the optimiser adds."""

    def __post_init__(self) -> None:
        for name, adapter in _adapters(type(self)).items():
            try:
                value = adapter.validate_python(getattr(self, name))
            except ValidationError as error:
                raise _problem(type(self), name, error) from error
            object.__setattr__(self, name, value)

    def document(self) -> dict[str, Any]:
        """All fields as plain JSON values."""
        adapters = _adapters(type(self))
        return {
            name: adapter.dump_python(getattr(self, name), mode="json")
            for name, adapter in adapters.items()
        }

    @classmethod
    def of_document(cls, document: Mapping[str, Any]) -> Self:
        """The configuration that `document` describes; the inverse of `document()`."""
        adapters = _adapters(cls)
        _check_names(cls, document)
        values = {}
        for name, value in document.items():
            try:
                values[name] = adapters[name].validate_json(json.dumps(value))
            except ValidationError as error:
                raise _problem(cls, name, error) from error
        return cls(**values)

    @classmethod
    def of_texts(cls, texts: Mapping[str, str]) -> Self:
        """The configuration with some fields given as typed on a command line (`--set k=v`)."""
        adapters = _adapters(cls)
        _check_names(cls, texts)
        values = {}
        for name, text in texts.items():
            try:
                values[name] = _from_text(adapters[name], text)
            except ValidationError as error:
                raise _problem(cls, name, error) from error
        return cls(**values)

    @classmethod
    def ranges(cls) -> dict[str, Range]:
        """The search range of each field that has one."""
        hints = get_type_hints(cls, include_extras=True)
        found = {}
        for field in fields(cls):
            hint = hints[field.name]
            marks = hint.__metadata__ if get_origin(hint) is Annotated else ()
            for mark in marks:
                if isinstance(mark, Range):
                    found[field.name] = mark
        return found


def _make_adapters(cls: type[Config]) -> dict[str, TypeAdapter[Any]]:
    hints = get_type_hints(cls, include_extras=True)
    return {field.name: TypeAdapter(hints[field.name], config=_STRICT) for field in fields(cls)}


# mypy takes the hash of the instances for that of the class.
_adapters: Callable[[type[Config]], dict[str, TypeAdapter[Any]]] = cache(_make_adapters)  # type: ignore[assignment]


def _from_text(adapter: TypeAdapter[Any], text: str) -> Any:
    """The value that a text means: a scalar as it stands, anything else as JSON."""
    try:
        return adapter.validate_strings(text)
    except ValidationError:
        if not text.startswith(("[", "{", "null")):
            raise
        return adapter.validate_json(text)


def _check_names(cls: type[Config], given: Mapping[str, Any]) -> None:
    known = [field.name for field in fields(cls)]
    for name in given:
        if name not in known:
            raise UsageError(
                f"{_owner(cls)} has no hyper-parameter {name!r}. {suggestion(name, known)}"
            )


def _problem(cls: type[Config], name: str, error: ValidationError) -> UsageError:
    problem = error.errors(include_url=False)[0]
    message = str(problem["msg"]).removeprefix("Value error, ")
    return UsageError(ended(f"{_owner(cls)}: {name} is {problem['input']!r}. {message}"))


def _owner(cls: type[Config]) -> str:
    """The method that these hyper-parameters belong to."""
    return cls.__qualname__.removesuffix(".Config")
