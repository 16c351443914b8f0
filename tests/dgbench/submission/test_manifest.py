"""The manifest and its published schema."""

import json
from pathlib import Path

import jsonschema
import pytest

import dgbench.submission
from tests.dgbench.submission.making import good_manifest

SCHEMA = Path(dgbench.submission.__file__).parent / "format" / "manifest.v2.schema.json"


def test_the_published_schema_matches_the_model():
    """If it differs: write json_schema() there, and think about the version."""
    from dgbench.submission.format.manifest import json_schema

    assert json.loads(SCHEMA.read_text()) == json_schema()


def test_a_good_manifest_fits_the_schema_and_an_unknown_field_does_not():
    # The keywords used mean the same in this older draft, which every installed version knows.
    validator = jsonschema.Draft7Validator(json.loads(SCHEMA.read_text()))
    document = good_manifest()
    validator.validate(document)
    document["hps"] = 1.0
    with pytest.raises(jsonschema.ValidationError, match="hps"):
        validator.validate(document)


def test_every_code_has_a_hint_that_says_what_to_do():
    from dgbench.submission.format.rejection import Code

    assert all(code.value == f"E_{code.name}" for code in Code)
    assert all(code.hint.endswith(".") and code.hint.isascii() for code in Code)


def test_foreign_text_in_messages_is_made_harmless():
    from dgbench.submission.format.rejection import Code, rejected

    error = rejected(Code.ZIP_NAME, "Strange.", ["\x1b[31m\u202e" + "a" * 500] * 9)
    assert len(error.rejection.keys) == 5
    assert all(len(key) <= 120 and key.isprintable() for key in error.rejection.keys)


def test_a_paper_a_yardstick_a_paradigm_or_diverged_seeds_make_version_2_and_nothing_else_does():
    from dgbench.submission.format.manifest import read_manifest

    plain = good_manifest()
    paper = {
        "title": "Sparse and dense",
        "authors": ["Zoë Author"],
        "year": 2021,
        "url": "https://example.org/paper",
        "code": None,
    }
    with_paper = {**plain, "schema_version": 2, "paper": paper}
    again = json.loads(read_manifest(json.dumps(plain).encode(), name="m").canonical)
    assert again == plain
    with_yardstick = {**plain, "schema_version": 2}
    with_yardstick["method"] = {**plain["method"], "is_yardstick": True}
    with_paradigm = {**plain, "schema_version": 2}
    with_paradigm["method"] = {**plain["method"], "paradigm": "spiking"}
    with_diverged = {**plain, "schema_version": 2, "diverged": [7, 9]}
    for later in (with_paper, with_yardstick, with_paradigm, with_diverged):
        again = json.loads(read_manifest(json.dumps(later).encode(), name="m").canonical)
        assert again == later
