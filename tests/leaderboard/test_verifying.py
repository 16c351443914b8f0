"""`dgbench verify` and its records: levels rise, failures show, forged records stay out."""

import json

import httpx
import numpy as np
import pytest

from dgbench.cli.main import run as dgbench
from dgbench.submission.format.rejection import RejectedError
from dgbench.verification import verify
from dgbench.verification.commitment import commitment_of, fresh_pairs, new_nonce
from dgbench.verification.record import Scores, VerificationRecord
from dgbench.verification.signatures import check_signature, load_key, public_key_of, sign
from leaderboard.store import audit
from tests.dgbench.submission.making import BENCHMARK
from tests.dgbench.verification.bundles import SEEDS, a_run, bundle_of, guesses
from tests.dgbench.verification.trainings import ERM, honest, poor, read_once
from tests.leaderboard.api.servers import asgi


@pytest.fixture(scope="module")
def data():
    pred = np.stack([guesses(0.5 + 0.01 * seed, seed) for seed in SEEDS])
    return bundle_of(pred, method=ERM)


@pytest.fixture(scope="module")
def scored(data):
    """The scorer's answer, asked for once."""
    from leaderboard.intake.scoring import Pool

    pool = Pool()
    try:
        return pool(data)
    finally:
        pool.close()


@pytest.fixture
def service(tmp_path, scored):
    from leaderboard.service import Service
    from leaderboard.store.database import Store

    service = Service(Store.open(str(tmp_path / "store")), score=lambda _: scored)
    yield service
    service.close()


@pytest.fixture
def identifier(service, data):
    from leaderboard.records import OPERATOR

    return service.receive(data, OPERATOR).submission_id


@pytest.fixture(autouse=True)
def place(tmp_path, monkeypatch, data):
    """The verifier's own folder with the bundle, where `honest` replaces trainings."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    (tmp_path / "bundle.dgsub").write_bytes(data)
    monkeypatch.setattr(verify, "read_claim", read_once)
    train(monkeypatch, honest)
    return tmp_path


def train(monkeypatch, make):
    def retrain(claim, *_, seed, generator_seed=None, **__):
        return make(claim, seed, generator_seed)

    monkeypatch.setattr(verify, "retrain", retrain)


def row_of(service):
    from leaderboard.records import Query

    (row,) = service.rows(Query(benchmark=BENCHMARK))
    return row


def a_signed_record(data, nonce, key, *, level="fresh-seed", drawn_by="store"):
    from dgbench.verification.record import Commitment

    commitment = Commitment(nonce=nonce, commitment=commitment_of(nonce), drawn_by=drawn_by)
    made = verify.Verification(data, verify.Request(level=level)).run(commitment)
    return sign(made, key)


def test_a_local_bundle_is_verified_and_the_record_is_signed(place, capsys):
    assert dgbench(["verify", "bundle.dgsub", "-o", "record.json", "--name", "V. Erifier"]) == 0
    told = capsys.readouterr().out
    assert "Passed: Seed" in told
    assert "Signed by" in told
    record = VerificationRecord.model_validate_json((place / "record.json").read_bytes())
    check_signature(record)
    assert record.verifier == "V. Erifier"
    assert record.commitment.drawn_by == "verifier"
    assert record.public_key == public_key_of(load_key())
    assert dgbench(["verify", "record.json"]) == 0
    assert f"signed by {record.public_key}" in capsys.readouterr().out
    (place / "record.json").write_text(
        (place / "record.json").read_text().replace("V. Erifier", "S. Omeone")
    )
    assert dgbench(["verify", "record.json"]) == 1
    assert "is not as the key" in capsys.readouterr().err


def test_json_is_the_record(capsys):
    assert dgbench(["verify", "bundle.dgsub", "--level", "fresh-seed", "--json"]) == 0
    record = VerificationRecord.model_validate_json(capsys.readouterr().out)
    check_signature(record)
    assert record.level == "fresh-seed"


def test_a_false_claim_is_one_clear_line_and_exit_code_1(monkeypatch, capsys):
    train(monkeypatch, poor)
    assert dgbench(["verify", "bundle.dgsub", "--quiet"]) == 1
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err.startswith("Error: The claim is not confirmed (failed). Seed ")
    assert told.err.count("\n") == 1


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["none.dgsub"], 1, "Cannot read 'none.dgsub'"),
        (["bundle.dgsub", "--seed", "7"], 2, "has no seed 7"),
        (["bundle.dgsub", "--db", "x", "--to", "https://x.org"], 2, "give one of them"),
        (["bundle.dgsub", "--name", "x" * 101], 2, "at most 100 printable characters"),
        (["bundle.dgsub", "--method", "none.py:Class"], 1, "Cannot read 'none.py'"),
        (["none.json"], 1, "Cannot read 'none.json'"),
    ],
)
def test_obstacles_to_a_verification_are_reported(capsys, arguments, code, message):
    assert dgbench(["leaderboard", "token", "issue", "Ada"]) == 0  # makes the store
    capsys.readouterr()
    assert dgbench(["verify", *arguments]) == code
    told = capsys.readouterr().err
    assert message in told
    assert told.count("\n") == 1


def test_levels_rise_in_the_local_store(service, identifier, tmp_path, capsys):
    store = str(tmp_path / "store")
    assert row_of(service).verification == "package"
    assert dgbench(["verify", identifier, "--db", store]) == 0
    assert row_of(service).verification == "replayed"
    assert dgbench(["verify", identifier, "--level", "fresh-seed", "--db", store]) == 0
    assert row_of(service).verification == "fresh-seed"
    assert "recorded" in capsys.readouterr().out
    first, second = service.submission(identifier).verifications
    for kept in (first, second):
        record = VerificationRecord.model_validate_json(kept.document)
        check_signature(record)
        assert record.commitment.drawn_by == "store"
    actions = [event.action for event in service.events()]
    assert actions.count("nonce shown") == 2
    assert actions.count("key trusted") == 1
    with service.store.read() as session:
        assert list(audit.breaks(session)) == []


def test_the_commitment_was_published_with_the_submission(service, identifier, tmp_path):
    dgbench(["verify", identifier, "--db", str(tmp_path / "store"), "--quiet"])
    received, shown = (
        next(event for event in service.events(identifier) if event.action == action)
        for action in ("received", "nonce shown")
    )
    assert commitment_of(str(shown.detail["nonce"])) == received.detail["commitment"]


def test_a_failed_verification_is_kept_and_shown(
    service, identifier, tmp_path, monkeypatch, capsys
):
    train(monkeypatch, poor)
    assert dgbench(["verify", identifier, "--db", str(tmp_path / "store")]) == 1
    assert row_of(service).verification == "failed"
    (kept,) = service.submission(identifier).verifications
    record = VerificationRecord.model_validate_json(kept.document)
    assert record.replay.claimed.headline > record.replay.reproduced.headline
    told = capsys.readouterr()
    assert "claimed" in told.out
    assert "The claim is not confirmed (failed)" in told.err


def test_a_replay_on_another_machine_that_differs_moves_no_row(
    service, identifier, tmp_path, monkeypatch
):
    def elsewhere(claim, seed, _):
        return a_run(claim, guesses(0.2, seed), device="Another processor")

    train(monkeypatch, elsewhere)
    assert dgbench(["verify", identifier, "--db", str(tmp_path / "store"), "--quiet"]) == 1
    assert row_of(service).verification == "package"
    assert service.submission(identifier).verifications[0].verdict == "inconclusive"


def test_a_store_refuses_invalid_records(service, identifier, data, tmp_path):
    from leaderboard.records import OPERATOR, RefusedError

    key, other = load_key(tmp_path / "key.pem"), load_key(tmp_path / "other.pem")

    def refused(record, code):
        with pytest.raises(RefusedError) as caught:
            service.record_verification(record, OPERATOR)
        assert caught.value.code == code, caught.value

    nonce = service.reveal_nonce(identifier, OPERATOR)
    good = a_signed_record(data, nonce, key)
    refused(good, "unknown-key")
    service.trust_key(public_key_of(key), "Vera", OPERATOR)
    refused(good.model_copy(update={"verdict": "failed"}), "bad-signature")
    refused(a_signed_record(data, nonce, other), "unknown-key")
    own = a_signed_record(data, new_nonce(), key, drawn_by="verifier")
    refused(own, "own-nonce")
    refused(a_signed_record(data, new_nonce(), key), "unknown-nonce")
    refused(sign(good.model_copy(update={"verdict": "failed"}), key), "bad-record")
    runs = tuple(run.model_copy(update={"seed": 1}) for run in good.fresh.runs)
    chosen = good.fresh.model_copy(update={"runs": runs})
    refused(sign(good.model_copy(update={"fresh": chosen}), key), "bad-record")
    for change in (
        {"low": -9.0},
        {"claimed_by_seed": {0: 0.1, 1: 0.1, 2: 0.1}},
        {"reproduced": Scores(headline=0.9)},
        {"level": 0.5},
        {"score": "worst_environment"},
    ):
        wrong = good.model_copy(update={"fresh": good.fresh.model_copy(update=change)})
        refused(sign(wrong, key), "bad-record")
    service.record_verification(good, OPERATOR)
    service.record_verification(good, OPERATOR)
    assert len(service.submission(identifier).verifications) == 1
    service.distrust_key(public_key_of(key), OPERATOR)
    assert service.trusted_keys() == ()
    again = a_signed_record(data, service.reveal_nonce(identifier, OPERATOR), key)
    refused(again, "unknown-key")
    assert row_of(service).verification == "fresh-seed"


def test_keys_are_trusted_by_moderators_alone(service, tmp_path, capsys):
    from leaderboard.records import OPERATOR, Identity, RefusedError

    key = public_key_of(load_key(tmp_path / "key.pem"))
    vera = Identity(name="vera", roles=frozenset(["verifier"]))
    with pytest.raises(RefusedError, match="moderator"):
        service.trust_key(key, "Vera", vera)
    for wrong, name in (("abc", "Vera"), (key.upper() + "x", "Vera"), (key, ""), (key, "a" * 101)):
        with pytest.raises(RefusedError):
            service.trust_key(wrong, name, OPERATOR)
    store = str(tmp_path / "store")
    assert dgbench(["leaderboard", "key", "trust", key, "--name", "Vera", "--db", store]) == 0
    assert dgbench(["leaderboard", "key", "list", "--db", store, "--json"]) == 0
    assert json.loads(capsys.readouterr().out.partition("\n")[2])[0]["name"] == "Vera"
    assert dgbench(["leaderboard", "key", "distrust", key, "--db", store]) == 0
    assert dgbench(["leaderboard", "key", "distrust", key, "--db", store]) == 1
    assert "is not trusted" in capsys.readouterr().err


def test_a_server_provides_bundle_and_nonce_and_receives_the_record(
    service, identifier, monkeypatch, capsys, place
):
    from starlette.testclient import TestClient

    from leaderboard.client import http_client
    from leaderboard.records import OPERATOR

    url = "http://localhost"
    with TestClient(asgi(service), base_url=url) as within:
        plain = http_client.Client.__init__

        def forward(request):
            answer = within.request(
                request.method, str(request.url), content=request.read(), headers=request.headers
            )
            kept = {k: v for k, v in answer.headers.items() if k != "content-encoding"}
            return httpx.Response(answer.status_code, headers=kept, content=answer.content)

        def connected(self, *arguments, **settings):
            plain(self, *arguments, transport=httpx.MockTransport(forward), **settings)

        monkeypatch.setattr(http_client.Client, "__init__", connected)
        secret = service.issue_token("vera", ["verifier"], OPERATOR).secret
        ask = ["verify", identifier, "--to", url, "--quiet"]
        monkeypatch.delenv("DGBENCH_TOKEN", raising=False)
        # Without a token the bundle is fetched and trained again, and nothing is sent.
        assert dgbench(ask[:-1]) == 0
        assert f"Nothing was sent to {url}" in capsys.readouterr().out
        assert row_of(service).verification == "package"
        assert service.submission(identifier).verifications == ()
        assert dgbench([*ask, "--token", secret]) == 1
        told = capsys.readouterr().err
        assert "is not trusted here" in told
        record = f"{identifier}.replay.json"
        assert f"kept as '{record}'" in told
        service.trust_key(public_key_of(load_key()), "Vera", OPERATOR)
        assert dgbench(["verify", record, "--to", url, "--token", secret]) == 0
        assert row_of(service).verification == "replayed"
        assert dgbench([*ask, "--token", secret, "--level", "fresh-seed"]) == 0
        assert row_of(service).verification == "fresh-seed"
    assert [kept.name for kept in (place / "config" / "dgbench").iterdir()] == ["verifier-key.pem"]


def test_anyone_can_derive_the_seeds_of_a_record(service, identifier, tmp_path):
    dgbench(["verify", identifier, "--db", str(tmp_path / "store"), "--level", "fresh-seed", "-q"])
    (kept,) = service.submission(identifier).verifications
    record = VerificationRecord.model_validate_json(kept.document)
    pairs = fresh_pairs(record.commitment.nonce, identifier, 3, not_seed=0)
    assert [(run.generator_seed, run.seed) for run in record.fresh.runs] == list(map(tuple, pairs))


def test_a_malformed_bundle_is_refused_before_anything_is_trained(place):
    (place / "bad.dgsub").write_bytes(b"PK")
    with pytest.raises(RejectedError, match="E_ZIP"):
        verify.Verification((place / "bad.dgsub").read_bytes(), verify.Request())
