"""The defaults of every method are those that its records and configuration digests hold."""

import json
from pathlib import Path

import pytest

from dgbench.registry import find_method
from dgbench.training.description import describe_method
from dgbench.training.learner import recipe

PINNED = json.loads(Path(__file__).with_name("hyper_parameters.json").read_text())


@pytest.mark.parametrize("name", sorted(PINNED))
def test_defaults_are_recorded_as_they_always_were(name):
    """After a change on purpose, write the new values there: all its configurations change."""
    recorded = json.dumps(recipe(find_method(name).cls, {}).hyper_parameters)
    assert recorded == json.dumps(PINNED[name])


@pytest.mark.parametrize("name", sorted(PINNED))
def test_every_hyper_parameter_has_a_description_and_a_telling_range(name):
    for parameter in describe_method(name)["hyper_parameters"]:
        assert parameter["description"].endswith("."), parameter
        assert parameter["range"] != str(parameter["default"]), parameter
