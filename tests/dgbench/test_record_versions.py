"""Old records stay readable, and later fields change nothing about runs without them."""

import json
from pathlib import Path
from typing import Annotated

import pytest
from pydantic import ValidationError

from data_gen.foundation.errors import DGBenchError
from dgbench.results.facts import Paper
from dgbench.results.folder import read_record, write_record
from dgbench.results.growing import LATER, Growing
from dgbench.results.instruments import Finding, Latency, Localisation, Look, Measure
from dgbench.results.record import Configuration, Cost, RunRecord
from tests.dgbench.records import CONFIGURATION, RECORD

VERSION_1 = Path(__file__).with_name("records") / "run.v1.json"

INSTRUMENTED = {
    "probe_problem": "The glyphs are not here.",
    "paradigm": "spiking",
    "uses_backbone": False,
    "is_yardstick": True,
    "paper": Paper(title="Title", authors=("A. First",), year=2020, url="https://a.org"),
    "measures": {
        "path-norm": Measure(value=2.5, layers={"0": 1.0}),
        "sharpness": Measure(value=None, reason="no second derivative"),
    },
    "localisation": {"shape": Localisation(n=100, total=250.0, overlap=0.0, relevance="own")},
    "findings": (Finding(name="formula", kind="text", size=12, digest="e" * 64),),
    "findings_digest": "f" * 64,
    "looks": (Look(step=100, seconds=1.5, joules=None, correct={"up.color": 12}),),
}
COUNTED = {
    "counted_images": 64,
    "active_macs_per_image": 350_000.0,
    "additions_per_image": 60_000.0,
    "operation_microjoules_per_image": 1.6,
    "nonzero_weights": 1000,
    "saved_activation_bytes_per_image": 4096.0,
    "model_bytes": 8192,
    "latencies": (Latency(batch_size=1, milliseconds=0.5, images_per_second=2000.0),),
    "energy_problem": "codecarbon: OSError: no counters",
}


def version_1():
    return json.loads(VERSION_1.read_text(encoding="utf-8"))


def in_folder(folder, document):
    (folder / "run.json").write_text(json.dumps(document))
    return read_record(folder)


def test_a_record_of_version_1_is_read_as_the_current_version(tmp_path):
    record = in_folder(tmp_path, version_1())
    assert record.schema_version == 2
    assert record.configuration.method.name == "erm"
    assert (record.paradigm, record.uses_backbone, record.paper) == ("network", True, None)
    assert record.cost.latencies == ()


def test_a_record_of_version_1_keeps_its_json_and_its_digest(tmp_path):
    old = version_1()
    record = in_folder(tmp_path, old)
    write_record(tmp_path, record)
    optional = {"trial": None, "regularisation": [], "development": {}}
    written = json.loads((tmp_path / "run.json").read_text())
    assert written == {**optional, **old, "schema_version": 2}
    # The first twelve digits were the name of its folder.
    digest = "b784146dc20703b2172273a26e0a3495cdc00e919858548527a3b04086234f00"
    assert record.configuration.digest == digest


def test_a_record_of_a_newer_version_is_refused(tmp_path):
    with pytest.raises(DGBenchError, match=r"has schema version 3; this dgbench reads up to 2"):
        in_folder(tmp_path, {**version_1(), "schema_version": 3})


def test_later_fields_of_a_configuration_enter_its_digest_only_once_set():
    fields = {name for name, field in Configuration.model_fields.items() if LATER in field.metadata}
    assert fields == {
        "backbone_options",
        "backbone_digest",
        "evaluation_batch_size",
        "development_only",
    }
    defaults = {name: Configuration.model_fields[name].default for name in fields}
    document = {**CONFIGURATION.model_dump(mode="json"), **defaults}
    assert Configuration.model_validate(document).digest == CONFIGURATION.digest
    assert not fields & set(CONFIGURATION.model_dump())


def test_all_later_fields_survive_a_file(tmp_path):
    old = in_folder(tmp_path, version_1())
    cost = old.cost.model_copy(update=COUNTED)
    record = old.model_copy(update={**INSTRUMENTED, "cost": cost})
    write_record(tmp_path, record)
    assert read_record(tmp_path) == record
    for model, filled in ((RunRecord, INSTRUMENTED), (Cost, COUNTED)):
        later = {name for name, field in model.model_fields.items() if LATER in field.metadata}
        assert later == set(filled)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("paper", {"title": "T", "authors": [], "pages": 3}),
        ("paper", {"title": "T", "url": "nowhere"}),
        ("paradigm", "magic"),
        ("localisation", {"shape": {"n": -1, "total": 0.0}}),
        ("measures", {"margin": {"value": float("nan")}}),
    ],
)
def test_a_later_field_is_checked_like_the_others(field, value):
    with pytest.raises(ValidationError):
        RunRecord.model_validate({**RECORD.model_dump(), field: value})


class Grown(Growing):
    """A document that got a field."""

    first: int
    second: Annotated[int, LATER] = 0
    third: int = 0


def test_only_marked_fields_at_their_default_are_left_out():
    assert Grown(first=1).model_dump() == {"first": 1, "third": 0}
    assert Grown(first=1, second=2).model_dump_json() == '{"first":1,"second":2,"third":0}'
    assert Grown.model_validate_json('{"first":1}') == Grown(first=1)
