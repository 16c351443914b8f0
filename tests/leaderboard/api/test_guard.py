"""The guard around every request: hosts, sizes, ids, headers, and answers to defects."""

import asyncio
import logging

import pytest


@pytest.fixture
def guarded():
    """A client of an app with one route for each behaviour, behind a guard."""
    from starlette.applications import Starlette
    from starlette.middleware import Middleware
    from starlette.responses import PlainTextResponse
    from starlette.routing import Route, WebSocketRoute
    from starlette.testclient import TestClient

    from leaderboard.api.guard import Guard

    async def size(request):
        return PlainTextResponse(str(len(await request.body())))

    async def defect(_):
        raise RuntimeError("the password is hunter2")

    async def cookie(_):
        answer = PlainTextResponse("")
        answer.set_cookie("a", "1")
        answer.set_cookie("b", "2", secure=True)
        return answer

    async def socket(websocket):
        await websocket.accept()
        await websocket.send_text("hello")
        await websocket.close()

    app = Starlette(
        routes=[
            Route("/size", size, methods=["GET", "POST"]),
            Route("/api/defect", defect),
            Route("/cookie", cookie),
            WebSocketRoute("/socket", socket),
        ],
        middleware=[
            Middleware(
                Guard,
                allowed=("localhost", "*.example.org", "::1"),
                api_root="/api",
                page_policy="script-src 'self'",
                max_body_bytes=1000,
            )
        ],
    )
    with TestClient(app, base_url="http://localhost", raise_server_exceptions=False) as client:
        yield client


@pytest.mark.parametrize(
    "host", ["localhost", "LOCALHOST:8501", "localhost.", "dg.example.org", "[::1]:8501"]
)
def test_known_hosts_are_served(guarded, host):
    assert guarded.get("/size", headers={"host": host}).status_code == 200


@pytest.mark.parametrize(
    "host",
    [
        "",
        "evil.example",
        "example.org",
        "localhost.evil.example",
        "localhost:port",
        "a@localhost",
        "localhost/x",
        "localhost evil.example",
        "dg.example.org.evil.example",
        "%6cocalhost",
    ],
)
def test_unknown_hosts_are_refused(guarded, host):
    answer = guarded.get("/size", headers={"host": host})
    assert answer.status_code == 421
    assert answer.json()["code"] == "unknown-host"


def test_websockets_of_unknown_hosts_are_refused(guarded):
    from starlette.websockets import WebSocketDisconnect

    with guarded.websocket_connect("ws://localhost/socket") as socket:
        assert socket.receive_text() == "hello"
    with (
        pytest.raises(WebSocketDisconnect),
        guarded.websocket_connect("/socket", headers={"host": "evil.example"}) as socket,
    ):
        socket.receive_text()


def test_a_body_over_the_limit_is_refused_with_or_without_a_declared_length(guarded):
    assert guarded.post("/size", content=b"x" * 1000).text == "1000"
    declared = guarded.post("/size", content=b"x" * 1001)
    streamed = guarded.post("/size", content=(b"x" * 100 for _ in range(11)))
    for answer in (declared, streamed):
        assert answer.status_code == 413
        assert answer.json()["code"] == "too-large"
        assert answer.headers["connection"] == "close"


def test_reading_stops_at_the_limit():
    from leaderboard.api.guard import Guard

    sent = []

    async def app(_, receive, __):
        while True:
            await receive()

    async def receive():
        sent.append(100)
        return {"type": "http.request", "body": b"x" * 100, "more_body": True}

    answers = []

    async def send(message):
        answers.append(message)

    scope = {
        "type": "http",
        "method": "POST",
        "path": "/",
        "raw_path": b"/",
        "query_string": b"",
        "headers": [(b"host", b"localhost")],
        "scheme": "http",
    }
    guard = Guard(app, allowed=("localhost",), api_root="/api", page_policy="", max_body_bytes=1000)
    asyncio.run(guard(scope, receive, send))
    assert answers[0]["status"] == 413
    assert sum(sent) == 1100


def test_a_long_address_is_refused(guarded):
    assert guarded.get("/size", params={"q": "x" * 9000}).status_code == 414


def test_an_internal_error_reveals_an_id_and_nothing_else(guarded, caplog):
    with caplog.at_level(logging.ERROR):
        answer = guarded.get("/api/defect")
    assert answer.status_code == 500
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "hunter2" not in answer.text
    assert answer.headers["x-request-id"] in answer.json()["detail"]
    assert answer.headers["x-request-id"] in caplog.text


def test_a_request_id_is_kept_if_harmless(guarded):
    kept = guarded.get("/size", headers={"X-Request-Id": "caller-0123456789"})
    assert kept.headers["x-request-id"] == "caller-0123456789"
    replaced = guarded.get("/size", headers={"X-Request-Id": "a\tb<script>"})
    assert "<" not in replaced.headers["x-request-id"]


def test_cookies_are_marked_secure_behind_tls_only(guarded):
    plain = guarded.get("/cookie").headers.get_list("set-cookie")
    assert [("Secure" in cookie) for cookie in plain] == [False, True]
    behind = guarded.get("https://localhost/cookie").headers.get_list("set-cookie")
    assert [cookie.count("Secure") for cookie in behind] == [1, 1]


def test_the_page_policy_allows_the_scripts_of_the_start_page_only():
    from pathlib import Path

    import streamlit

    from leaderboard.api.policy import page_content_policy

    index = (Path(streamlit.__file__).parent / "static" / "index.html").read_text()
    policy = page_content_policy(index)
    scripts = next(part for part in policy.split("; ") if part.startswith("script-src"))
    assert scripts.count("sha256-") == index.count("<script>") >= 1
    assert page_content_policy(index.replace("= false", "= true")) != policy
    assert "'unsafe-inline'" not in scripts
    assert "http" not in policy


def test_the_api_names_the_version_of_its_content_and_refuses_a_client_of_another(guarded):
    assert guarded.get("/api/defect").headers["dgbench-content"] == "2"
    assert "dgbench-content" not in guarded.get("/size").headers
    assert guarded.get("/size", headers={"DGBench-Content": "1"}).status_code == 200
    refused = guarded.get("/api/defect", headers={"DGBench-Content": "1"})
    assert refused.status_code == 406
    told = "This server speaks version 2 of the API's content, the client version '1': install"
    assert refused.json()["detail"].startswith(told)
    assert guarded.get("/api/defect", headers={"DGBench-Content": "2"}).status_code == 500
