"""A declaration grows, but never changes what it declared before."""

import json

import pytest

from data_gen.foundation.errors import DGBenchError, UsageError
from dgbench.results.declaration import (
    DECLARATION,
    Declaration,
    declare,
    read_declaration,
    write_declaration,
)

ASKED = {"methods": ("erm",), "benchmarks": ("mnist-color@1",), "seeds": (0, 1), "steps": 300}


def test_a_declaration_survives_its_file(tmp_path):
    assert read_declaration(tmp_path) is None
    declared = declare(tmp_path, ASKED)
    write_declaration(tmp_path, declared)
    assert read_declaration(tmp_path) == declared
    assert declare(tmp_path, {}) == declared
    assert declare(tmp_path, ASKED) == declared
    # Earlier versions read it, since it does not name what it does not use.
    assert "development_only" not in (tmp_path / DECLARATION).read_text()


def test_additions_come_last_and_nothing_is_removed(tmp_path):
    write_declaration(tmp_path, declare(tmp_path, {**ASKED, "trials": 3}))
    grown = declare(tmp_path, {"methods": ("prcl", "erm"), "seeds": (5, 0), "trials": 2})
    assert grown.methods == ("erm", "prcl")
    assert grown.seeds == (0, 1, 5)
    assert grown.trials == 3
    assert grown.benchmarks == ("mnist-color@1",)


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({"steps": 400}, r"steps = 300, not 400\. Leave the option out, or choose another --out"),
        ({"sweep_seed": 1}, "sweep_seed = 0, not 1"),
        ({"sources": ("mnist-5k",)}, r"sources = the default, not \('mnist-5k',\)"),
        ({"development": False}, "development = True, not False"),
        ({"development_only": True}, "development_only = False, not True"),
    ],
)
def test_settings_that_would_change_the_runs_are_refused(tmp_path, asked, message):
    write_declaration(tmp_path, declare(tmp_path, ASKED))
    with pytest.raises(UsageError, match=message):
        declare(tmp_path, asked)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "cannot be read"),
        ("[]", "does not declare a sweep: the whole file"),
        ('{"methods": []}', "does not declare a sweep: methods"),
        ('{"schema_version": 2}', "Install a newer dgbench"),
    ],
)
def test_a_damaged_declaration_is_named(tmp_path, text, message):
    (tmp_path / DECLARATION).write_text(text)
    with pytest.raises(DGBenchError, match=message):
        read_declaration(tmp_path)


def test_no_field_can_be_forgotten_in_the_file():
    full = Declaration(**ASKED, development_only=True)  # a later field is there once it is set
    assert set(json.loads(full.model_dump_json())) == set(Declaration.model_fields)
