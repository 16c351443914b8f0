"""The server's log and its figures: what they tell, and what they must not."""

import io
import json
import logging

import httpx
import pytest

from tests.leaderboard.synthetic import bundle

BUNDLE = {"Content-Type": "application/vnd.dgbench.submission+zip"}


@pytest.fixture
def lines():
    """A function that reads the lines of JSON so far."""
    from leaderboard import logs

    stream, loggers = io.StringIO(), [logs.LOGGER, logging.getLogger("uvicorn")]
    before = [(logger.level, logger.handlers, logger.propagate) for logger in loggers]
    logs.configure("debug", "json", stream=stream)
    yield lambda: [json.loads(line) for line in stream.getvalue().splitlines()]
    for logger, (level, handlers, propagates) in zip(loggers, before, strict=True):
        logger.setLevel(level)
        logger.handlers, logger.propagate = handlers, propagates


def only(lines, name):
    return [line for line in lines if line["event"] == name]


def test_a_submission_and_its_request_are_a_line_each(api, token, lines):
    secret = token("submitter", name="ada@example.org")
    headers = {"Authorization": f"Bearer {secret}", "X-Request-Id": "request-of-ada", **BUNDLE}
    answer = api.post("/api/v1/submissions?token=abc", content=bundle("erm"), headers=headers)
    assert answer.status_code == 422
    answer = api.post("/api/v1/submissions", content=bundle("erm"), headers=headers)
    received = only(lines(), "received")[0]
    assert received["subject"] == answer.json()["submission_id"]
    assert received["request"] == "request-of-ada"
    refused, request = only(lines(), "request")
    assert (refused["status"], refused["code"]) == (422, "bad-parameters")
    assert (request["method"], request["path"]) == ("POST", "/api/v1/submissions")
    assert (request["status"], request["area"], request["level"]) == (201, "api", "info")
    assert 0 <= request["milliseconds"] < 60_000
    text = json.dumps(lines())
    assert not [word for word in (secret, "ada@", "token=abc", "testclient") if word in text]


def test_events_have_their_codes(api, service, token, lines):
    from leaderboard.records import OPERATOR

    headers = {"Authorization": f"Bearer {token('submitter')}", **BUNDLE}
    refused = bundle("erm", refuse="E_DUP_KEY")
    assert api.post("/api/v1/submissions", content=refused, headers=headers).status_code == 422
    assert [line["code"] for line in only(lines(), "refused")] == ["E_DUP_KEY"]
    identifier = service.receive(bundle("prcl"), OPERATOR).submission_id
    service.moderate(identifier, "hide", "It names a person.", OPERATOR)
    assert [line["subject"] for line in only(lines(), "moderated: hide")] == [identifier]
    assert len(only(lines(), "token issued")) == 1
    assert "person" not in json.dumps(lines())


def test_a_change_that_is_rolled_back_is_not_told(service, lines):
    from leaderboard.records import OPERATOR, RefusedError

    identifier = service.receive(bundle("erm"), OPERATOR).submission_id
    with pytest.raises(RefusedError):
        service.moderate(identifier, "hide", "", OPERATOR)
    assert [line["event"] for line in lines()] == ["received"]


def test_frequent_and_slow_questions_have_levels_of_their_own(api, service, lines, monkeypatch):
    from leaderboard.store import database

    api.get("/api/v1/health")
    assert [line["level"] for line in lines()] == ["debug"]
    monkeypatch.setattr(database, "SLOW_SECONDS", -1)
    api.get("/api/v1/specs")
    service.revision()
    assert [line["level"] for line in only(lines(), "slow question")] == ["warning"]


def test_a_stranger_cannot_write_lines(api, lines):
    api.get("/api/v1/none%0a2026-01-01 INFO received subject=x")
    assert len(lines()) == 1
    from leaderboard import logs

    stream = io.StringIO()
    logs.configure("info", "text", stream=stream)
    api.get("/api/v1/none%0a2026-01-01 INFO received subject=x")
    assert len(stream.getvalue().splitlines()) == 1
    assert " INFO request area=api method=GET path=" in stream.getvalue()
    logging.getLogger("leaderboard.x").warning("a driver\nsays two lines")
    assert stream.getvalue().splitlines()[-1].endswith("a driver says two lines")


def test_prometheus_gets_figures_at_a_port_of_its_own(api, service, token, lines):
    from leaderboard.logs import LOGGER
    from leaderboard.metrics import Metrics

    metrics = Metrics(service)
    port = metrics.serve(0)
    headers = {"Authorization": f"Bearer {token('submitter')}", **BUNDLE}
    for data in (bundle("erm"), bundle("erm"), bundle("irm", refuse="E_DUP_KEY")):
        api.post("/api/v1/submissions", content=data, headers=headers)
    for method in ("BREW", "BREW-AGAIN"):
        api.request(method, "/api/v1/health")
    service.backup(service.store.blobs.folder.parent / "backup.zip")
    with httpx.Client(base_url=f"http://127.0.0.1:{port}") as prometheus:
        told = prometheus.get("/metrics").text
    LOGGER.removeHandler(metrics)
    figures = dict(
        line.rsplit(" ", 1) for line in told.splitlines() if line and not line.startswith("#")
    )
    assert figures['dgbench_requests_total{area="api",method="POST",status="201"}'] == "1.0"
    assert figures['dgbench_requests_total{area="api",method="POST",status="422"}'] == "1.0"
    assert figures['dgbench_requests_total{area="api",method="other",status="405"}'] == "2.0"
    assert "BREW" not in str(figures)
    assert figures['dgbench_request_seconds_count{area="api"}'] == "5.0"
    assert figures['dgbench_submissions_total{result="received"}'] == "1.0"
    assert figures['dgbench_submissions_total{result="E_DUP_KEY"}'] == "1.0"
    assert figures["dgbench_store_up"] == "1.0"
    assert figures["dgbench_store_submissions"] == "1.0"
    assert float(figures["dgbench_store_free_bytes"]) > 0
    assert float(figures["dgbench_store_bundle_bytes"]) == len(bundle("erm"))
    # The clock of the test's store stands in the past.
    assert float(figures["dgbench_backup_age_seconds"]) > 1
    assert figures["dgbench_scoring_waiting"] == "0.0"
    assert lines()
