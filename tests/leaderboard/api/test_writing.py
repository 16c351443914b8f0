"""The write operations of the API: their effects, permissions and refusals."""

import threading

import pytest

from tests.leaderboard.synthetic import bundle

BUNDLES = "/api/v1/submissions"
BUNDLE = {"Content-Type": "application/vnd.dgbench.submission+zip"}


@pytest.fixture
def submit(api):
    def send(data, token, **headers):
        authorization = {"Authorization": f"Bearer {token}"} if token else {}
        return api.post(BUNDLES, content=data, headers={**BUNDLE, **authorization, **headers})

    return send


def test_a_bundle_becomes_a_row_once(api, service, token, submit):
    secret = token("submitter")
    first = submit(bundle("erm"), secret)
    assert first.status_code == 201
    identifier = first.json()["submission_id"]
    assert first.headers["location"] == f"{BUNDLES}/{identifier}"
    assert api.get(first.headers["location"]).json()["row"]["submitter"] == "ada"
    again = submit(bundle("erm"), secret)
    assert again.status_code == 200
    assert again.json()["submission_id"] == identifier
    assert again.json()["is_new"] is False
    assert service.status().n_submissions == 1


def test_eight_concurrent_uploads_give_one_row(service, token, submit):
    secret = token("submitter")
    answers = []
    threads = [
        threading.Thread(target=lambda: answers.append(submit(bundle("erm"), secret)))
        for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answer.status_code for answer in answers) == [*[200] * 7, 201]
    assert len({answer.json()["submission_id"] for answer in answers}) == 1
    assert service.status().n_submissions == 1


def test_without_the_right_token_nothing_is_kept(api, token, submit):
    without = submit(bundle("erm"), None)
    assert without.status_code == 401
    assert without.headers["www-authenticate"].startswith("Bearer")
    assert submit(bundle("erm"), "dgb_wrong").json()["code"] == "unknown-token"
    assert submit(bundle("erm"), token("verifier")).status_code == 403
    for wrong in ("dgb_x", "Basic YTpi", "Bearer", "Bearer a\tb"):
        answer = api.post(BUNDLES, content=b"x", headers={**BUNDLE, "Authorization": wrong})
        assert answer.status_code == 401
    expired = token("submitter", days=1e-9)
    assert submit(bundle("erm"), expired).json()["code"] == "expired-token"


def test_a_token_in_the_address_is_not_looked_at(api, token):
    answer = api.post(f"{BUNDLES}?token={token('submitter')}", content=b"x", headers=BUNDLE)
    assert answer.status_code == 401


def test_a_refusal_by_the_scorer_is_reported_with_its_code(service, token, submit):
    answer = submit(bundle("erm", refuse="E_DUP_KEY"), token("submitter"))
    assert answer.status_code == 422
    assert answer.json()["code"] == "E_DUP_KEY"
    assert "once" in answer.json()["detail"]
    assert service.status().n_submissions == 0


def test_a_used_up_daily_quota_is_reported_with_a_time(token, submit):
    secret = token("submitter", daily_quota=1)
    assert submit(bundle("erm"), secret).status_code == 201
    answer = submit(bundle("irm"), secret)
    assert answer.status_code == 429
    assert int(answer.headers["retry-after"]) > 0


def test_an_idempotency_key_stands_for_one_body(token, submit):
    secret, key = token("submitter"), {"Idempotency-Key": "a-key"}
    assert submit(bundle("erm"), secret, **key).status_code == 201
    assert submit(bundle("erm"), secret, **key).status_code == 200
    assert submit(bundle("irm"), secret, **key).json()["code"] == "idempotency-key-reused"
    assert submit(bundle("irm"), token("submitter", name="eva"), **key).status_code == 201
    bad = submit(bundle("erm"), secret, **{"Idempotency-Key": "a key"})
    assert bad.json()["code"] == "bad-idempotency-key"


def test_another_media_type_is_refused(api, token):
    answer = api.post(
        BUNDLES,
        content=b"x",
        headers={"Content-Type": "text/html", "Authorization": f"Bearer {token('submitter')}"},
    )
    assert answer.status_code == 415
    assert all(kind in answer.json()["detail"] for kind in ("submission+zip", "octet-stream"))


def test_submitters_withdraw_their_own_and_a_tombstone_stays(api, token, submit):
    ada, eva = token("submitter"), token("submitter", name="eva")
    place = submit(bundle("erm"), ada).headers["location"]

    def withdraw(secret):
        return api.delete(f"{place}?reason=wrong", headers={"Authorization": f"Bearer {secret}"})

    assert withdraw(eva).status_code == 403
    done = withdraw(ada)
    assert (done.status_code, done.content) == (204, b"")
    assert withdraw(ada).status_code == 204
    stone = api.get(place).json()
    assert (stone["state"], stone["reason"]) == ("withdrawn", "wrong")
    assert api.get(f"{place}/bundle").status_code == 410
    assert submit(bundle("erm"), ada).json()["code"] == "withdrawn"


def test_verifiers_get_nonces_and_their_records_are_checked(api, token, submit):
    place = submit(bundle("erm"), token("submitter")).headers["location"]
    verifier = {"Authorization": f"Bearer {token('verifier', name='vera')}"}
    first = api.post(f"{place}/nonces", headers=verifier)
    assert first.status_code == 201
    assert len(first.json()["nonce"]) == 64
    assert api.post(f"{place}/nonces", headers=verifier).json() != first.json()
    ada = {"Authorization": f"Bearer {token('submitter')}"}
    assert api.post(f"{place}/nonces", headers=ada).status_code == 403
    forged = api.post("/api/v1/verifications", json={"level": "replay"}, headers=verifier)
    assert forged.status_code == 422
    assert forged.json()["code"] == "bad-record"


PAYLOADS = (
    "<script>alert(1)</script>",
    "'; DROP TABLE submission; --",
    '" onload="alert(1)',
    "{{7*7}}",
    "${7*7}",
    "\\input{/etc/passwd}",
    "=cmd|' /C calc'!A0",
    "javascript:alert(1)",
)


@pytest.mark.parametrize("payload", PAYLOADS)
def test_text_from_users_is_returned_as_text(api, service, token, submit, payload):
    answer = submit(bundle("erm", display_name=payload, authors=[payload]), token("submitter"))
    assert answer.status_code == 201
    board = "/api/v1/leaderboard?benchmark=mnist-color@1"
    shown = api.get(board)
    assert shown.headers["content-type"] == "application/json"
    assert shown.json()["rows"][0]["display_name"] == payload
    text = api.get(f"{board}&format=csv").text
    assert f"\n{payload}" not in text
    assert f",{payload}" not in text or not payload.startswith("=")
    assert "\\input{/etc" not in api.get(f"{board}&format=tex").text
    listed = api.get(board, params={"benchmark": "mnist-color@1", "search": payload})
    assert listed.status_code == 200
    assert [row["display_name"] for row in listed.json()["rows"]] == [payload]
    assert service.status().n_submissions == 1


@pytest.mark.usefixtures("filled")
@pytest.mark.parametrize("payload", PAYLOADS)
def test_paths_and_parameters_carry_no_commands(api, payload):
    from urllib.parse import quote

    for path in (
        f"submissions/{quote(payload, safe='')}",
        f"compare?a={quote(payload)}&b=x",
        f"specs/{quote(payload, safe='')}",
    ):
        answer = api.get(f"/api/v1/{path}")
        assert answer.status_code in {404, 422}
        assert answer.headers["content-type"] == "application/problem+json"
        assert payload not in answer.text or "<" not in payload
    assert len(api.get("/api/v1/leaderboard?benchmark=mnist-color@1").json()["rows"]) == 3


def test_no_header_can_be_split(api):
    answer = api.get("/api/v1/leaderboard?benchmark=x%0d%0aSet-Cookie:%20a=b")
    assert answer.status_code == 422
    assert "set-cookie" not in answer.headers


def test_secrets_stay_out_of_logs_and_answers(token, submit, caplog):
    import logging

    secret = token("submitter")
    with caplog.at_level(logging.DEBUG):
        submit(bundle("erm"), secret)
        refused = submit(bundle("erm"), secret + "x")
    assert secret not in caplog.text
    assert secret not in refused.text
