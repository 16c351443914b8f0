"""Hyper-parameters: typed, checked, with their search ranges beside the defaults."""

import json
from collections.abc import Callable, Mapping
from functools import cache
from typing import Annotated, Any, Self

from annotated_types import BaseMetadata, Ge, GroupedMetadata, Gt
from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError
from pydantic.fields import FieldInfo
from typing_extensions import override

from data_gen.foundation.errors import UsageError, ended, suggestion
from dgbench.api.ranges import LogUniform, Range

_STRICT = ConfigDict(strict=True, allow_inf_nan=False)


class Config(BaseModel):
    """Base of every method's hyper-parameters. Each field has a default.

    Write a field as `weight: Annotated[float, LogUniform(1e-5, 1e-1), Ge(0)] = 0.1`: its type,
    where to search, its limits, its default. The string under it is its description, in
    `dgbench methods show` and in the documentation. A default of another type or beyond a limit is
    refused where the class is defined, any other value where it is given; both raise UsageError.
    """

    model_config = ConfigDict(
        **_STRICT,
        frozen=True,
        extra="forbid",
        validate_default=True,
        use_attribute_docstrings=True,
        protected_namespaces=(),
    )

    learning_rate: Annotated[float, LogUniform(1e-4, 1e-2), Gt(0)] = 1e-3
    """Step size of the optimiser."""
    weight_decay: Annotated[float, LogUniform(1e-6, 1e-2), Ge(0)] = 0.0
    """Strength of the L2 penalty that the optimiser adds."""

    def __init__(self, **values: Any) -> None:
        """Take every field that is not given from its default."""
        _check_names(type(self), values)
        try:
            super().__init__(**values)
        except ValidationError as error:
            problem = error.errors(include_url=False)[0]
            raise _refusal(type(self), str(problem["loc"][0]), error) from error
        self.check()

    def check(self) -> None:
        """Override it to raise UsageError where two fields contradict each other."""

    @classmethod
    @override
    def __pydantic_init_subclass__(cls, **_: Any) -> None:
        if "__post_init__" in cls.__dict__:
            raise UsageError(
                f"{cls.__qualname__} defines __post_init__, which nothing calls. Name it check, "
                "without a call of super()."
            )
        for name, field in cls.model_fields.items():
            _check_declaration(cls, name, field)

    def document(self) -> dict[str, Any]:
        """All fields as plain JSON values."""
        return self.model_dump(mode="json")

    @classmethod
    def of_document(cls, document: Mapping[str, Any]) -> Self:
        """Read the configuration that `document()` has written."""
        return cls._parsed(document, _from_value)

    @classmethod
    def of_texts(cls, texts: Mapping[str, str]) -> Self:
        """Read some fields as typed on a command line (`--set k=v`)."""
        return cls._parsed(texts, _from_text)

    @classmethod
    def _parsed(
        cls, given: Mapping[str, Any], parse: Callable[[TypeAdapter[Any], Any], Any]
    ) -> Self:
        _check_names(cls, given)
        values = {}
        for name, raw in given.items():
            try:
                values[name] = parse(_adapters(cls)[name], raw)
            except ValidationError as error:
                raise _refusal(cls, name, error) from error
        return cls(**values)

    @classmethod
    def ranges(cls) -> dict[str, Range]:
        """The search range of each field that has one."""
        return {
            name: mark
            for name, field in cls.model_fields.items()
            for mark in field.metadata
            if isinstance(mark, Range)
        }


def _check_declaration(cls: type[Config], name: str, field: FieldInfo) -> None:
    """Refuse a field that could not be used as it is declared."""
    where = f"{cls.__qualname__}: {name}"
    if field.is_required():
        raise UsageError(f"{where} has no default. Write {name}: ... = VALUE.")
    for mark in field.metadata:
        if not _is_understood(mark):
            raise UsageError(
                f"{where} is annotated with {mark!r}, which means nothing here. Use a search range "
                "(LogUniform, Uniform, Integers, Choice) or a limit (Ge, Gt, Le, Lt)."
            )
    default = field.get_default(call_default_factory=True)
    try:
        _adapter(field).validate_python(default)
    except ValidationError as error:
        raise UsageError(f"{where} has the default {default!r}. {_reason(error)}") from error


def _is_understood(mark: object) -> bool:
    """Whether a piece of metadata is a search range or something that pydantic acts on."""
    is_pydantic = type(mark).__module__.partition(".")[0] == "pydantic"
    return is_pydantic or isinstance(mark, Range | BaseMetadata | GroupedMetadata)


def _adapter(field: FieldInfo) -> TypeAdapter[Any]:
    return TypeAdapter(field.rebuild_annotation(), config=_STRICT)


@cache
def _adapters(cls: type[Config]) -> dict[str, TypeAdapter[Any]]:
    return {name: _adapter(field) for name, field in cls.model_fields.items()}


def _from_value(adapter: TypeAdapter[Any], value: object) -> Any:
    """Read a plain JSON value, such as a list that stands for a tuple."""
    return adapter.validate_json(json.dumps(value))


def _from_text(adapter: TypeAdapter[Any], text: str) -> Any:
    """Read a text: a scalar as it stands, anything else as JSON."""
    try:
        return adapter.validate_strings(text)
    except ValidationError:
        if not text.startswith(("[", "{", "null")):
            raise
        return adapter.validate_json(text)


def _check_names(cls: type[Config], given: Mapping[str, Any]) -> None:
    for name in given:
        if name not in cls.model_fields:
            raise UsageError(
                f"{_owner(cls)} has no hyper-parameter {name!r}. "
                f"{suggestion(name, cls.model_fields)}"
            )


def _refusal(cls: type[Config], name: str, error: ValidationError) -> UsageError:
    value = error.errors(include_url=False)[0]["input"]
    return UsageError(f"{_owner(cls)}: {name} is {value!r}. {_reason(error)}")


def _reason(error: ValidationError) -> str:
    """Make a sentence of why pydantic refuses the first wrong value."""
    message = str(error.errors(include_url=False)[0]["msg"])
    return ended(message.removeprefix("Value error, "))


def _owner(cls: type[Config]) -> str:
    """The method that these hyper-parameters belong to."""
    return cls.__qualname__.removesuffix(".Config")
