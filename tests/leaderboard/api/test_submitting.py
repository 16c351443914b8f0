"""`dgbench submit --to` against real servers: good ones, and ones whose answers get lost."""

import contextlib
import os
import socket
import subprocess
import sys

import httpx
import pytest

from tests.dgbench.submission.making import good_bundle
from tests.leaderboard.api.servers import asgi, in_thread


@pytest.fixture(scope="module")
def data():
    return good_bundle()


@pytest.fixture
def real(tmp_path):
    """A service with the real scorer, and a token to submit with."""
    from leaderboard.records import OPERATOR
    from leaderboard.service import Service
    from leaderboard.store.database import Store

    service = Service(Store.open(str(tmp_path / "real")))
    yield service, service.issue_token("ada", ["submitter"], OPERATOR).secret
    service.close()


class Flaky:
    """An app in whose answers to POST are lost, or delayed, or refused, as often as wanted."""

    def __init__(self, app, faults):
        self._app, self._faults = app, list(faults)
        self.posts = 0

    async def __call__(self, scope, receive, send):
        if scope["type"] != "http" or scope["method"] != "POST":
            await self._app(scope, receive, send)
            return
        self.posts += 1
        fault = self._faults.pop(0) if self._faults else None
        if fault == "lost":
            await self._app(scope, receive, nothing)
            await send(START | {"status": 201, "headers": [(b"content-length", b"1000")]})
            await send(BODY | {"more_body": True})
            return  # and the connection is cut
        if fault is not None:
            await send(START | {"status": fault})
            await send(BODY)
            return
        await self._app(scope, receive, send)


START = {"type": "http.response.start", "status": 503, "headers": []}
BODY = {"type": "http.response.body", "body": b""}


async def nothing(_):
    pass


@pytest.fixture
def serving():
    """A function that serves an app at an address of its own."""
    with contextlib.ExitStack() as servers:
        yield lambda app: servers.enter_context(in_thread(app))


def client(url, token):
    from leaderboard.client.http_client import Client

    return Client(url, token, sleep=lambda _: None)


@pytest.mark.parametrize("faults", [[], ["lost"], [502, 503, "lost"]])
def test_lost_requests_and_answers_still_give_one_row(real, serving, data, faults):
    from dgbench.submission.format.bundle import read_bundle

    service, token = real
    identifier = read_bundle(data).id
    flaky = Flaky(asgi(service, allowed=("127.0.0.1",)), faults)
    with client(serving(flaky), token) as asker:
        receipt = asker.submit(data, identifier)
        assert receipt.submission_id == identifier
        assert receipt.row.hps is not None
        again = asker.submit(data, identifier)
    assert again.submission_id == identifier
    assert again.is_new is False
    status = service.status()
    assert status.n_submissions == 1
    # An answer that is lost after the bundle was kept costs a question, not another upload.
    n_uploads = faults.index("lost") + 1 if "lost" in faults else len(faults) + 1
    assert flaky.posts == n_uploads + 1


def test_the_client_gives_up_on_a_server_that_never_answers(serving):
    from data_gen.foundation.errors import DGBenchError

    async def app(_, __, send):
        await send(START)
        await send(BODY)

    with (
        client(serving(app), "dgb_x") as asker,
        pytest.raises(DGBenchError, match=r"did not take the bundle in 5 attempts.*503.*is safe"),
    ):
        asker.submit(b"x", "an-id")


def test_an_unreachable_server_is_reported(data):
    from data_gen.foundation.errors import DGBenchError

    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    with (
        client(f"http://127.0.0.1:{port}", "dgb_x") as asker,
        pytest.raises(DGBenchError, match=r"5 attempts.*ConnectError.*address right"),
    ):
        asker.submit(data, "an-id")


@pytest.mark.parametrize(
    ("status", "headers", "told"),
    [
        (401, {}, "DGBENCH_TOKEN"),
        (403, {}, "may submit"),
        (404, {}, "the address after --to"),
        (409, {}, "answers 409"),
        (413, {}, "fewer seeds"),
        (422, {}, "dgbench validate"),
        (429, {"Retry-After": "86400"}, "answers 429"),
        (307, {"Location": "http://evil.example/"}, "to http://evil.example/"),
        (500, {}, "answers 500"),
    ],
)
def test_a_refusal_is_reported_once_with_advice(status, headers, told):
    from leaderboard.client.http_client import Client, ServerRefusedError

    asked = []

    def answer(request):
        asked.append(request.url.host)
        return httpx.Response(status, headers=headers)

    transport = httpx.MockTransport(answer)
    with (
        Client("https://dg.example.org", "dgb_x", transport=transport) as asker,
        pytest.raises(ServerRefusedError, match=told),
    ):
        asker.submit(b"x", "an-id")
    assert asked == ["dg.example.org"]


def test_a_short_wait_requested_by_a_server_is_respected():
    from leaderboard.client.http_client import Client, ServerRefusedError

    waited = []
    transport = httpx.MockTransport(
        lambda request: httpx.Response(
            404 if request.method == "GET" else 429, headers={"Retry-After": "7"}
        )
    )
    with (
        Client("https://dg.example.org", "t", transport=transport, sleep=waited.append) as asker,
        pytest.raises(Exception, match="5 attempts") as error,
    ):
        asker.submit(b"x", "an-id")
    assert not isinstance(error.value, ServerRefusedError)
    assert waited.count(7.0) == 5


@pytest.mark.parametrize(
    ("headers", "told"),
    [
        ({"DGBench-Content": "3"}, "speaks version 3 of the API's content, this dgbench version 2"),
        ({}, "not with version 2 of the API's content"),
    ],
)
def test_a_server_of_another_content_is_named_in_a_sentence(headers, told):
    from data_gen.foundation.errors import DGBenchError
    from leaderboard.client.http_client import Client

    rows = {"submission_id": "an-id", "row": {"pattern_found": {}, "mps": 0.5}}
    answer = httpx.Response(201, json=rows, headers=headers)
    with (
        Client("https://dg.example.org", "t", transport=httpx.MockTransport(lambda _: answer)) as c,
        pytest.raises(DGBenchError, match=told),
    ):
        c.submit(b"x", "an-id")


def test_messages_of_a_hostile_server_cannot_harm_the_terminal():
    from leaderboard.client.http_client import Client, ServerRefusedError

    body = {"detail": "\x1b[2Jgone\u202e", "code": "x" * 5000}
    transport = httpx.MockTransport(lambda _: httpx.Response(403, json=body))
    with (
        Client("https://dg.example.org", "t", transport=transport) as asker,
        pytest.raises(ServerRefusedError) as error,
    ):
        asker.submit(b"x", "an-id")
    assert str(error.value).isprintable()
    assert len(str(error.value)) < 3000


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("dg.example.org", "not an address"),
        ("ftp://dg.example.org", "not an address"),
        ("https://ada:secret@dg.example.org", "without user"),
        ("http://dg.example.org", "--allow-http"),
    ],
)
def test_addresses_that_would_expose_the_token_are_refused(url, told):
    from data_gen.foundation.errors import UsageError
    from leaderboard.client.http_client import Client

    with pytest.raises(UsageError, match=told) as error:
        Client(url, "dgb_x")
    assert "secret" not in str(error.value)
    assert Client("http://dg.example.org/a/", "t", allows_plain_http=True).url.endswith("/a")
    assert Client("https://dg.example.org/api/v1/", "t").url == "https://dg.example.org"


def test_the_command_submits_and_says_where_the_row_is(real, serving, data, tmp_path):
    service, token = real
    url = serving(asgi(service, allowed=("127.0.0.1",)))
    file = tmp_path / "mine.dgsub"
    file.write_bytes(data)
    done = command(file, "--to", url, token=token)
    assert done.returncode == 0, done.stderr
    assert f"{url}/submission?id=" in done.stdout
    (row,) = service.submissions_of("ada")
    assert row.id in done.stdout
    assert token not in done.stdout + done.stderr
    assert "here already" in command(file, "--to", url, token=token).stdout
    refused = command(file, "--to", url, token=f"{token}x")
    assert refused.returncode == 1
    assert "answers 401 (unknown-token" in refused.stderr
    assert command(file, "--to", url).returncode == 2
    file.write_bytes(data[:-100])
    damaged = command(file, "--to", url, token=token)
    assert damaged.returncode == 1
    assert "E_ZIP" in damaged.stderr


def command(*arguments, token=None):
    environment = {name: value for name, value in os.environ.items() if name != "DGBENCH_TOKEN"}
    if token:
        environment["DGBENCH_TOKEN"] = token
    return subprocess.run(
        [sys.executable, "-m", "dgbench", "submit", *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
        env=environment,
    )
