"""Describe a method once it is imported: its card and its hyper-parameters."""

import inspect
from typing import Any, NamedTuple

from dgbench.api import Choice, Method
from dgbench.registry import FoundMethod, find_method, method_card
from dgbench.training.learner import recipe


class HyperParameter(NamedTuple):
    """One hyper-parameter of a method."""

    name: str
    default: Any
    range: str
    """Where a sweep searches. Empty where the default is all there is."""
    description: str
    """The string under the field."""


def describe_method(name: str) -> dict[str, Any]:
    """The card of a method with its hyper-parameters, as plain values."""
    card, method = method_card(name), find_method(name)
    config = method.cls.Config if issubclass(method.cls, Method) else None
    document = card.document()
    return {
        "name": method.name,
        "owner": card.owner,
        "version": method.version,
        **{key: document[key] for key in ("summary", "about", "reference")},
        "uses": sorted(recipe(method.cls, {}).uses),
        **{key: document[key] for key in ("paper", "paradigm", "uses_backbone", "is_yardstick")},
        "file": inspect.getsourcefile(method.cls),
        "hyper_parameters": [parameter._asdict() for parameter in hyper_parameters(method)],
        "schema": config.model_json_schema() if config else None,
    }


def hyper_parameters(method: FoundMethod) -> list[HyperParameter]:
    """The hyper-parameters of a method, with what its `Config` says of them."""
    defaults = recipe(method.cls, {}).hyper_parameters
    if not issubclass(method.cls, Method):
        return [HyperParameter(name, value, "", "") for name, value in defaults.items()]
    ranges, fields = method.cls.Config.ranges(), method.cls.Config.model_fields
    return [
        HyperParameter(
            name,
            value,
            range=_searched(ranges.get(name)),
            description=" ".join((fields[name].description or "").split()),
        )
        for name, value in defaults.items()
    ]


def _searched(place: object) -> str:
    """A search range in words, empty if it holds one value only."""
    is_single = isinstance(place, Choice) and len(set(place.values)) == 1
    return "" if place is None or is_single else str(place)
