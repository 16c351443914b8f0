"""What can be told about a method once it is imported."""

import inspect
from typing import Any

from dgbench.api import Method
from dgbench.registry import find_method, method_card
from dgbench.training.learner import recipe


def about(name: str) -> dict[str, Any]:
    """The card of a method with its hyper-parameters, as plain values."""
    card, found = method_card(name), find_method(name)
    defaults = recipe(found.cls, {}).hyper_parameters
    ranges = found.cls.Config.ranges() if issubclass(found.cls, Method) else {}
    return {
        "name": found.name,
        "owner": card.owner,
        "version": found.version,
        "summary": card.summary,
        "about": card.about,
        "reference": card.reference,
        "uses": sorted(recipe(found.cls, {}).uses),
        "file": inspect.getsourcefile(found.cls),
        "hyper_parameters": [
            {"name": key, "default": value, "range": str(ranges[key]) if key in ranges else ""}
            for key, value in defaults.items()
        ],
    }
