"""The read operations of the API."""

import dataclasses
import gzip
import io
import json

import pytest

from leaderboard.records import Query
from leaderboard.store.failures import StoreUnavailableError
from tests.leaderboard.api.servers import asgi

BOARD = "/api/v1/leaderboard?benchmark=mnist-color@1"


@pytest.mark.usefixtures("filled")
def test_the_leaderboard_shows_each_track_ranked(api):
    answer = api.get(BOARD)
    assert answer.status_code == 200
    rows = answer.json()["rows"]
    assert [(row["method"], row["rank"]) for row in rows] == [("prcl", 1), ("erm", 2), ("irm", 1)]
    assert answer.json()["query"]["benchmark"] == "mnist-color@1"


@pytest.mark.usefixtures("filled")
def test_track_search_sort_and_bare_names_are_understood(api):
    def methods(more, board=BOARD):
        return [row["method"] for row in api.get(board + more).json()["rows"]]

    assert methods("&uses=") == ["prcl", "erm"]
    assert methods("&uses=environments") == ["irm"]
    assert methods("&search=PRC") == ["prcl"]
    assert methods("&uses=&sort=method") == ["erm", "prcl"]
    assert methods("&uses=&descending=true") == ["erm", "prcl"]
    assert methods("&selection=oracle") == []
    assert methods("&as_of=2020-01-01") == []
    assert methods("", "/api/v1/leaderboard?benchmark=mnist-color") == ["prcl", "erm", "irm"]


@pytest.mark.usefixtures("filled")
@pytest.mark.parametrize(
    "more", ["", "&uses=", "&selection=all", "&search=prc", "&sort=method", "&as_of=2027-01-01"]
)
def test_json_agrees_with_the_service(api, service, more):
    answer = api.get(BOARD + more).json()
    query = Query(**{**answer["query"], "uses": as_tuple(answer["query"]["uses"])})
    rows = [dataclasses.asdict(row) for row in service.rows(query)]
    assert answer["rows"] == json.loads(json.dumps(rows))
    assert answer["revision"] == service.revision()


def as_tuple(uses):
    return None if uses is None else tuple(uses)


@pytest.mark.usefixtures("filled")
@pytest.mark.parametrize(
    ("form", "media_type", "part"),
    [
        ("csv", "text/csv; charset=utf-8", b"prcl"),
        ("tex", "application/x-tex; charset=utf-8", b"\\toprule"),
        ("bib", "application/x-bibtex; charset=utf-8", b"@misc"),
        ("parquet", "application/vnd.apache.parquet", b"PAR1"),
    ],
)
def test_the_leaderboard_comes_in_other_formats(api, form, media_type, part):
    answer = api.get(f"{BOARD}&format={form}")
    assert answer.headers["content-type"] == media_type
    assert part in answer.content
    assert f".{form}" in answer.headers["content-disposition"]


def test_parquet_holds_every_row(api, filled):
    import pyarrow.parquet as pq

    table = pq.read_table(io.BytesIO(api.get(f"{BOARD}&format=parquet").content))
    assert sorted(table.column("submission_id").to_pylist()) == sorted(filled)


@pytest.mark.parametrize(
    "wrong",
    [
        "",
        "?benchmark=mnist-color@1&form=csv",
        "?benchmark=mnist-color@1&format=html",
        "?benchmark=mnist-color@1&benchmark=mnist-color@1",
        "?benchmark=%00",
        "?benchmark=mnist-color@1&search=%00",
        "?benchmark=mnist-color@1&as_of=yesterday",
        "?benchmark=mnist-color@1&sort=rank;drop table submission",
    ],
)
def test_wrong_parameters_are_named(api, wrong):
    answer = api.get(f"/api/v1/leaderboard{wrong}")
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["detail"]


def test_unknown_addresses_are_404(api, filled):
    for path in (
        "leaderboard?benchmark=mnist-colour",
        "specs/none",
        "submissions/none",
        "submissions/none/scores",
        "submissions/none/bundle",
        "submissions/none/audit",
        "submissions/..%2f..%2fetc",
        "submissions/%00",
        "none",
        f"compare?a={filled[0]}&b=none",
    ):
        answer = api.get(f"/api/v1/{path}")
        assert answer.status_code == 404, path
        assert answer.headers["content-type"] == "application/problem+json"


def test_a_submission_and_its_parts_are_served(api, service, filled):
    submission = api.get(f"/api/v1/submissions/{filled[0]}").json()
    assert submission["row"]["method"] == "erm"
    assert json.loads(submission["manifest"]["description"]) == {"method": "erm", "level": 0.4}
    scores = api.get(f"/api/v1/submissions/{filled[0]}/scores")
    assert scores.content.decode() == service.submission(filled[0]).score_card
    events = api.get(f"/api/v1/submissions/{filled[0]}/audit").json()["events"]
    assert events[0]["subject"] == filled[0]
    bundle = api.get(f"/api/v1/submissions/{filled[0]}/bundle")
    assert json.loads(bundle.content) == {"method": "erm", "level": 0.4}
    assert bundle.headers["content-disposition"] == f'attachment; filename="{filled[0]}.dgsub"'


def test_specs_are_listed_and_shown(api):
    from data_gen.spec_files import find_spec

    listed = api.get("/api/v1/specs").json()["specs"]
    assert "mnist-color@1" in [spec["name"] for spec in listed]
    shown = api.get("/api/v1/specs/mnist-color").json()
    assert shown["digest"] == find_spec("mnist-color").digest


def test_an_answer_is_sent_again_only_after_a_change(api, service, filled):
    from leaderboard.records import OPERATOR

    first = api.get(BOARD)
    assert first.headers["cache-control"] == "no-cache"
    held = {"If-None-Match": first.headers["etag"]}
    again = api.get(BOARD, headers=held)
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["etag"] == first.headers["etag"]
    service.withdraw(filled[0], OPERATOR)
    changed = api.get(BOARD, headers=held)
    assert changed.status_code == 200
    assert len(changed.json()["rows"]) == 2
    other = {"If-None-Match": f'"x", {changed.headers["etag"].removeprefix("W/")}'}
    assert api.get(BOARD, headers=other).status_code == 304


@pytest.mark.usefixtures("filled")
def test_answers_are_compressed_for_clients_that_accept_it(api):
    plain = api.get(BOARD, headers={"Accept-Encoding": "identity"})
    assert "content-encoding" not in plain.headers
    with api.stream("GET", BOARD, headers={"Accept-Encoding": "gzip"}) as answer:
        zipped = b"".join(answer.iter_raw())
    assert answer.headers["content-encoding"] == "gzip"
    assert gzip.decompress(zipped) == plain.content


@pytest.mark.usefixtures("filled")
def test_head_and_options_agree_with_get(api):
    head = api.head(BOARD)
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["etag"] == api.get(BOARD).headers["etag"]
    options = api.options("/api/v1/submissions/x")
    assert options.status_code == 204
    assert options.headers["allow"] == "DELETE, GET, HEAD, OPTIONS"
    refused = api.put("/api/v1/leaderboard")
    assert refused.status_code == 405
    assert refused.json()["code"] == "method-not-allowed"
    assert "GET" in refused.headers["allow"]


def test_the_readiness_check_fails_when_the_store_does_not_answer(api, service, monkeypatch):
    assert api.get("/api/v1/ready").status_code == 200

    def broken():
        raise StoreUnavailableError("the database is gone")

    monkeypatch.setattr(service, "status", broken)
    answer = api.get("/api/v1/ready")
    assert answer.status_code == 503
    assert answer.headers["retry-after"] == "10"
    assert "gone" not in answer.text
    assert api.get("/api/v1/health").status_code == 200


def test_kept_answers_stay_within_their_memory():
    from leaderboard.api import response_cache
    from leaderboard.api.answers import Answer

    memory = response_cache.ResponseCache()
    for number in range(100):
        memory.put(number, 1, response_cache.CachedAnswer(Answer(bytes(1_000_000)), None))
    assert memory._n_bytes <= response_cache._MAX_BYTES
    assert memory.get(99, 1) is not None
    assert memory.get(0, 1) is None
    assert memory.get(99, 2) is None
    memory.put("next", 2, response_cache.CachedAnswer(Answer(b"new"), None))
    assert memory.get(99, 1) is None
    assert memory._n_bytes == 3
    memory.put("late", 1, response_cache.CachedAnswer(Answer(b"old"), None))
    assert memory.get("late", 1) is None


@pytest.mark.parametrize(
    ("path", "methods"),
    [
        ("health", "GET, HEAD, OPTIONS"),
        ("submissions", "OPTIONS, POST"),
        ("submissions/an-id", "DELETE, GET, HEAD, OPTIONS"),
    ],
)
def test_every_path_names_its_methods(api, path, methods):
    asked = api.options(f"/api/v1/{path}")
    assert (asked.status_code, asked.headers["allow"], asked.content) == (204, methods, b"")
    refused = api.request("BREW", f"/api/v1/{path}")
    assert (refused.status_code, refused.headers["allow"]) == (405, methods)
    assert refused.json()["code"] == "method-not-allowed"


@pytest.mark.usefixtures("filled")
def test_a_head_has_the_headers_of_the_answer(api):
    for path in ("/api/v1/specs", BOARD):
        whole, head = api.get(path).headers, api.head(path).headers
        for headers in (whole, head):
            del headers["x-request-id"]
        assert head == whole


def test_a_defect_is_answered_once_and_without_its_details(api, service, monkeypatch, caplog):
    def fail(_):
        raise RuntimeError("a secret of the store")

    monkeypatch.setattr(type(service), "newest", fail)
    answer = api.get("/api/v1/feed")
    assert answer.status_code == 500
    assert answer.json()["code"] == "internal-error"
    assert answer.headers["x-request-id"] in answer.json()["detail"]
    assert "secret" not in answer.text
    assert answer.headers["x-frame-options"] == "DENY"
    assert len([line for line in caplog.records if line.levelname == "ERROR"]) == 1


def test_named_sites_may_read_the_api_and_no_others(service):
    from starlette.testclient import TestClient

    friend, stranger = "https://lab.example.org", "https://evil.example"
    app = asgi(service, origins=(friend,))
    with TestClient(app, base_url="http://localhost") as client:
        answer = client.get("/api/v1/specs", headers={"Origin": friend})
        assert answer.headers["access-control-allow-origin"] == friend
        assert "access-control-allow-credentials" not in answer.headers
        other = client.get("/api/v1/specs", headers={"Origin": stranger})
        assert "access-control-allow-origin" not in other.headers
        asked = {"Origin": friend, "Access-Control-Request-Method": "POST"}
        assert client.options("/api/v1/submissions", headers=asked).status_code == 400
