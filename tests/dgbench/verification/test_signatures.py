"""Keys, signatures and records: what was signed cannot be changed, and a key stays private."""

import json
import stat
from pathlib import Path

import jsonschema
import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from pydantic import ValidationError

from data_gen.foundation.errors import DGBenchError
from dgbench.verification import record
from dgbench.verification.record import VerificationRecord, json_schema
from dgbench.verification.signatures import (
    check_signature,
    key_path,
    load_key,
    public_key_of,
    sign,
)
from tests.dgbench.verification.records import a_record

SCHEMA = Path(record.__file__).with_name("record.v1.schema.json")


@pytest.fixture
def key(tmp_path):
    return load_key(tmp_path / "keys" / "key.pem")


def test_a_key_is_made_once_and_only_its_owner_can_read_it(tmp_path):
    place = tmp_path / "keys" / "key.pem"
    first = load_key(place)
    assert stat.S_IMODE(place.stat().st_mode) == 0o600
    assert public_key_of(load_key(place)) == public_key_of(first)
    assert [path.name for path in place.parent.iterdir()] == ["key.pem"]


def test_the_key_lies_in_the_users_configuration(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    assert key_path().name == "verifier-key.pem"
    assert "dgbench" in key_path().parts


def test_a_key_that_others_can_read_is_refused(tmp_path):
    place = tmp_path / "key.pem"
    load_key(place)
    place.chmod(0o644)
    with pytest.raises(DGBenchError, match=r"mode 0644, so that others .* Run: chmod 600"):
        load_key(place)


def test_a_file_without_an_ed25519_key_is_refused(tmp_path):
    place = tmp_path / "key.pem"
    place.touch(0o600)
    with pytest.raises(DGBenchError, match="is not a private key without a password"):
        load_key(place)
    other = generate_private_key(SECP256R1())
    place.write_bytes(other.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    with pytest.raises(DGBenchError, match="is not of Ed25519"):
        load_key(place)


def test_a_signed_record_survives_its_json(key):
    signed = sign(a_record(), key)
    again = VerificationRecord.model_validate_json(signed.canonical)
    assert again == signed
    assert again.public_key == public_key_of(key)
    check_signature(again)


@pytest.mark.parametrize(
    "change",
    [
        {"verdict": "failed"},
        {"summary": "Other words."},
        {"seconds": 13.5},
        {"verified": a_record().verified.model_copy(update={"submission_id": "OTHER"})},
        {"signature": "0" * 128},
    ],
)
def test_a_changed_record_is_refused(key, change):
    changed = sign(a_record(), key).model_copy(update=change)
    with pytest.raises(DGBenchError, match="is not as the key"):
        check_signature(changed)


def test_the_key_of_a_record_cannot_be_replaced(key, tmp_path):
    other = public_key_of(load_key(tmp_path / "other.pem"))
    changed = sign(a_record(), key).model_copy(update={"public_key": other})
    with pytest.raises(DGBenchError, match="is not as the key"):
        check_signature(changed)


def test_an_unsigned_record_is_refused():
    with pytest.raises(DGBenchError, match="is not signed"):
        check_signature(a_record())


def test_a_record_holds_the_finding_of_its_level():
    with pytest.raises(ValidationError, match="holds that level's finding alone"):
        a_record(level="fresh-seed")
    with pytest.raises(ValidationError):
        a_record(seconds=float("nan"))


def test_the_published_schema_is_that_of_the_records(key):
    published = json.loads(SCHEMA.read_text())
    assert published == json_schema(), (
        "The schema of verification records has changed: raise schema_version, then write "
        "json_schema() to a new file."
    )
    jsonschema.Draft7Validator(published).validate(json.loads(sign(a_record(), key).canonical))
