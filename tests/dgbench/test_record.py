"""The record is what its published schema says, and every field of a configuration counts."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from pydantic import ValidationError

import dgbench.results
from data_gen.foundation.errors import DGBenchError
from data_gen.foundation.files import write_whole
from dgbench.results.folder import find_runs, is_at_work, read_record, run_folder, write_record
from dgbench.results.record import (
    Configuration,
    Process,
    RunRecord,
)
from tests.dgbench.records import CONFIGURATION, RECORD

SCHEMA = Path(dgbench.results.__file__).with_name("run.v2.schema.json")


def test_the_published_schema_matches_the_model():
    """If it differs: write RunRecord.model_json_schema() there, and think about the version."""
    assert json.loads(SCHEMA.read_text()) == RunRecord.model_json_schema()


OTHER = {
    "benchmark": "mnist-color@2",
    "spec_digest": "z",
    "sources": {"mnist": {"name": "mnist", "digest": "z"}},
    "generator_seed": 1,
    "multiply": 2,
    "official": False,
    "train_domain": "train.only.shape",
    "method": {"name": "erm", "version": "1", "source_digest": "z"},
    "hyper_parameters": {"learning_rate": 0.002},
    "backbone": "resnet18",
    "steps": 3001,
    "batch_size": 127,
    "precision": "bf16-mixed",
    "backbone_options": {"steps": 20},
    "backbone_digest": "d",
    "evaluation_batch_size": 100,
    "development_only": True,
}


@pytest.mark.parametrize("name", sorted(Configuration.model_fields))
def test_every_field_changes_the_configuration_digest(name):
    changed = Configuration.model_validate({**CONFIGURATION.model_dump(), name: OTHER[name]})
    assert changed.digest != CONFIGURATION.digest


def test_the_path_of_a_run_repeats_its_fields():
    folder = run_folder(Path("runs"), CONFIGURATION, 3)
    digest = CONFIGURATION.digest[:12]
    assert folder == Path("runs", "mnist-color@1", "erm", digest, "seed-3")
    assert RECORD.configuration.digest.startswith(digest)


def test_a_record_survives_its_file(tmp_path):
    write_record(tmp_path / "a" / "seed-1", RECORD)
    assert read_record(tmp_path / "a" / "seed-1") == RECORD
    assert list(find_runs(tmp_path)) == [tmp_path / "a" / "seed-1"]
    assert not list(tmp_path.rglob("*.partial"))


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("{", "is damaged"),
        ("[]", "is damaged"),
        ('{"schema_version": 3}', "Install a newer dgbench"),
        (json.dumps({**RECORD.model_dump(mode="json"), "extra": 1}), "extra"),
        (json.dumps({**RECORD.model_dump(mode="json"), "seed": -1}), "seed"),
    ],
)
def test_a_damaged_record_is_named(tmp_path, text, problem):
    (tmp_path / "run.json").write_text(text)
    with pytest.raises(DGBenchError, match=problem):
        read_record(tmp_path)


def test_a_folder_without_a_record_is_refused(tmp_path):
    with pytest.raises(DGBenchError, match="not a run folder"):
        read_record(tmp_path)


def test_a_record_refuses_nan():
    with pytest.raises(ValidationError):
        RunRecord.model_validate({**RECORD.model_dump(), "steps_done": float("nan")})


def test_a_record_without_a_lease_says_whether_its_process_lives(tmp_path):
    import os
    import socket

    here, now = socket.gethostname(), datetime.now(UTC).isoformat()
    mine = Process(host=here, pid=os.getpid(), started=now)
    gone = Process(host=here, pid=2**22 - 1, started=now)
    elsewhere = Process(host="elsewhere", pid=2**22 - 1, started=now)
    namesake = Process(host=here, pid=os.getpid(), started="2020-01-01T00:00:00+00:00")
    assert not is_at_work(RECORD.model_copy(update={"process": namesake}), tmp_path)
    assert is_at_work(RECORD.model_copy(update={"process": mine}), tmp_path)
    assert not is_at_work(RECORD.model_copy(update={"process": gone}), tmp_path)
    assert not is_at_work(RECORD.model_copy(update={"process": elsewhere}), tmp_path)
    assert not is_at_work(RECORD.model_copy(update={"process": mine, "status": "done"}), tmp_path)


def test_a_file_that_cannot_be_written_is_named(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(DGBenchError, match="Cannot write"):
        write_whole(tmp_path / "file" / "below", b"")
