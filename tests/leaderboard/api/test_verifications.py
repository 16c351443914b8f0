"""Signed records over HTTP: a trusted key's record counts once, and all others get a reason."""

from typing import NamedTuple

import numpy as np
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from dgbench.verification import verify
from dgbench.verification.commitment import commitment_of, new_nonce
from dgbench.verification.record import Commitment, VerificationRecord
from dgbench.verification.signatures import load_key, public_key_of, sign
from leaderboard.store import audit
from tests.dgbench.verification.bundles import SEEDS, bundle_of, guesses
from tests.dgbench.verification.trainings import ERM, honest, poor, read_once
from tests.leaderboard.api.servers import asgi

RECORDS = "/api/v1/verifications"


@pytest.fixture(scope="module")
def bundles():
    """Two claims by their bundles' bytes, with what the scorer makes of them."""
    from leaderboard.intake.scoring import Pool

    pool = Pool(1)
    try:
        shares = (0.5, 0.6)
        made = [
            bundle_of(np.stack([guesses(share + 0.01 * seed, seed) for seed in SEEDS]), method=ERM)
            for share in shares
        ]
        return {data: pool(data) for data in made}
    finally:
        pool.close()


@pytest.fixture
def service(tmp_path, bundles):
    from leaderboard.service import Service
    from leaderboard.store.database import Store

    service = Service(Store.open(str(tmp_path / "store")), score=bundles.__getitem__)
    yield service
    service.close()


@pytest.fixture
def ids(service, bundles):
    """The ids of both, in their order."""
    from leaderboard.records import OPERATOR

    return [service.receive(data, OPERATOR).submission_id for data in bundles]


@pytest.fixture
def api(service):
    from starlette.testclient import TestClient

    with TestClient(asgi(service), base_url="http://localhost") as client:
        yield client


@pytest.fixture
def key(service, tmp_path):
    """A verifier's key, which a moderator has named."""
    from leaderboard.records import OPERATOR

    private_key = load_key(tmp_path / "key.pem")
    service.trust_key(public_key_of(private_key), "Vera", OPERATOR)
    return private_key


@pytest.fixture
def vera(token):
    return {"Authorization": f"Bearer {token('verifier', name='vera')}"}


@pytest.fixture
def make(api, ids, bundles, vera, monkeypatch):
    """A function that verifies a submission as a verifier does, with given trainings."""
    monkeypatch.setattr(verify, "read_claim", read_once)

    def record(which, *, level="replay", train=honest, nonce=None):
        monkeypatch.setattr(
            verify,
            "retrain",
            lambda claim, *_, seed, generator_seed=None, **__: train(claim, seed, generator_seed),
        )
        if nonce is None:
            answer = api.post(f"/api/v1/submissions/{ids[which]}/nonces", headers=vera)
            nonce = answer.json()["nonce"]
        drawn = Commitment(nonce=nonce, commitment=commitment_of(nonce), drawn_by="store")
        data = list(bundles)[which]
        return verify.Verification(data, verify.Request(level=level)).run(drawn)

    return record


@pytest.fixture
def post(api, vera):
    def send(record, headers=vera):
        return api.post(
            RECORDS,
            content=record.canonical,
            headers={"Content-Type": "application/json", **headers},
        )

    return send


def level_of(api, identifier):
    return api.get(f"/api/v1/submissions/{identifier}").json()["row"]["verification"]


@pytest.mark.parametrize(
    ("level", "train", "verdict", "shown"),
    [
        ("replay", honest, "passed", "replayed"),
        ("fresh-seed", honest, "passed", "fresh-seed"),
        ("replay", poor, "failed", "failed"),
        ("fresh-seed", poor, "failed", "failed"),
    ],
)
def test_a_record_of_a_trusted_key_sets_the_rows_level(
    api, ids, key, make, post, level, train, verdict, shown
):
    assert level_of(api, ids[0]) == "package"
    record = sign(make(0, level=level, train=train), key)
    assert record.verdict == verdict
    answer = post(record)
    assert answer.status_code == 201, answer.text
    assert answer.headers["location"] == f"/api/v1/submissions/{ids[0]}"
    assert answer.json()["verification"] == shown
    assert level_of(api, ids[0]) == shown
    assert level_of(api, ids[1]) == "package"
    (kept,) = api.get(f"/api/v1/submissions/{ids[0]}").json()["verifications"]
    assert (kept["verdict"], kept["verifier"]) == (verdict, "vera")
    assert kept["document"] == record.canonical.decode()


def test_the_same_record_twice_is_kept_once(api, service, ids, key, make, post):
    record = sign(make(0), key)
    assert post(record).status_code == 201
    revision = service.status().revision
    again = post(record)
    assert again.status_code == 201
    assert again.json()["verification"] == "replayed"
    assert len(api.get(f"/api/v1/submissions/{ids[0]}").json()["verifications"]) == 1
    history = api.get(f"/api/v1/submissions/{ids[0]}/audit").json()["events"]
    assert [event["action"] for event in history].count("verified") == 1
    assert service.status().revision == revision
    with service.store.read() as session:
        assert list(audit.breaks(session)) == []


class Case(NamedTuple):
    """A good record, the trusted key that signed it, and a key that nobody trusts."""

    good: VerificationRecord
    key: Ed25519PrivateKey
    other: Ed25519PrivateKey


def forged(case):
    """The words of one, under the signature of another."""
    return case.good.model_copy(update={"verdict": "failed"})


def signed_by_nobody(case):
    return case.good.model_copy(update={"signature": ""})


def signed_under_anothers_name(case):
    name = {"public_key": case.good.public_key}
    return sign(case.good, case.other).model_copy(update=name)


def of_an_unknown_key(case):
    return sign(case.good, case.other)


def changed_and_signed_again(case):
    return sign(forged(case), case.key)


@pytest.mark.parametrize(
    ("spoil", "status", "code"),
    [
        (forged, 422, "bad-signature"),
        (signed_by_nobody, 422, "bad-signature"),
        (signed_under_anothers_name, 422, "bad-signature"),
        (of_an_unknown_key, 403, "unknown-key"),
        (changed_and_signed_again, 422, "bad-record"),
    ],
)
def test_a_record_that_proves_nothing_changes_nothing(
    api, ids, key, make, post, tmp_path, spoil, status, code
):
    case = Case(sign(make(0), key), key, load_key(tmp_path / "other.pem"))
    refused(post(spoil(case)), status, code)
    assert level_of(api, ids[0]) == "package"
    assert api.get(f"/api/v1/submissions/{ids[0]}").json()["verifications"] == []


def test_a_record_of_another_submission_is_refused(api, ids, key, make, post):
    """Even where a trusted verifier signed it: something else was retrained."""
    record = make(0)

    def of(identifier):
        verified = record.verified.model_copy(update={"submission_id": identifier})
        return sign(record.model_copy(update={"verified": verified}), key)

    refused(post(of(ids[1])), 422, "other-bundle")
    refused(post(of("a" * 32)), 404, "unknown-submission")
    assert [level_of(api, identifier) for identifier in ids] == ["package", "package"]


def test_seeds_that_the_verifier_chose_are_refused(api, ids, key, make, post):
    chosen = make(0, level="fresh-seed", nonce=new_nonce())
    refused(post(sign(chosen, key)), 422, "unknown-nonce")
    other = make(1, level="fresh-seed")
    moved = make(0, level="fresh-seed", nonce=other.commitment.nonce)
    refused(post(sign(moved, key)), 422, "unknown-nonce")
    assert level_of(api, ids[0]) == "package"


def test_records_need_a_verifiers_token(api, ids, key, make, post, token):
    record = sign(make(0), key)
    refused(post(record, headers={}), 401, "no-token")
    ada = {"Authorization": f"Bearer {token('submitter', 'moderator')}"}
    refused(post(record, headers=ada), 403, "no-role")
    assert level_of(api, ids[0]) == "package"


def refused(answer, status, code):
    assert (answer.status_code, answer.json()["code"]) == (status, code), answer.text
    assert answer.headers["content-type"] == "application/problem+json"
