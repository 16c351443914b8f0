"""The whole process: page and API in one, guarded, ended by Ctrl-C."""

import json
import signal
import subprocess
import sys

import httpx
import pytest

from tests.leaderboard.api.servers import running, wait_for

GUARDED = {
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
}


FILE = "leaderboard.sqlite"


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with running(tmp_path_factory.mktemp("server")) as (url, _):
        yield url


def test_page_and_api_answer_in_one_process(server):
    page = httpx.get(server, follow_redirects=True)
    assert page.status_code == 200
    assert '<div id="root">' in page.text
    health = httpx.get(f"{server}api/v1/health")
    assert health.json() == {"status": "ok"}
    ready = httpx.get(f"{server}api/v1/ready").json()
    assert ready["n_submissions"] == 0


@pytest.mark.parametrize(
    "path",
    [
        "",
        "any/page",
        "_stcore/health",
        "_stcore/host-config",
        "favicon.png",
        "static/none.js",
        "api/v1/health",
        "api/v1/none",
        "api/none",
        "_stcore/upload_file/a/b",
        "..%2f..%2fetc/passwd",
    ],
)
def test_every_response_carries_the_headers(server, path):
    answer = httpx.get(f"{server}{path}")
    assert {name: answer.headers.get(name) for name in GUARDED} == GUARDED
    assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]
    assert "unsafe-eval" not in answer.headers["content-security-policy"]
    assert answer.headers["x-request-id"]
    assert "camera=()" in answer.headers["permissions-policy"]
    assert "server" not in answer.headers


def test_an_unknown_host_gets_nothing(server):
    for path in ("", "api/v1/health", "_stcore/health"):
        answer = httpx.get(f"{server}{path}", headers={"Host": "evil.example"})
        assert answer.status_code == 421
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.headers["x-frame-options"] == "DENY"


def test_forwarded_headers_of_untrusted_peers_are_ignored(server):
    forwarded = {"X-Forwarded-Proto": "https", "X-Forwarded-For": "203.0.113.9"}
    cookies = httpx.get(f"{server}_stcore/host-config", headers=forwarded).headers
    assert "Secure" not in str(cookies.get_list("set-cookie"))


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_stops_a_server_without_a_question(tmp_path, number):
    with running(tmp_path) as (url, process):
        assert httpx.get(url, follow_redirects=True).status_code == 200
        assert httpx.get(f"{url}api/v1/specs/mnist-color").status_code == 200
        see(url)
        process.send_signal(number)
        assert process.wait(timeout=20) == 0
        assert process.stdout.read().splitlines() == ["Stopped."]


def see(url):
    """Ask for the page as a browser does, until its script has ended well."""
    from streamlit.proto.BackMsg_pb2 import BackMsg
    from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
    from websockets.sync.client import connect

    address = f"{url.replace('http', 'ws', 1)}_stcore/stream"
    with connect(address, subprotocols=["streamlit"], max_size=None) as link:
        ask = BackMsg()
        ask.rerun_script.query_string = ""
        link.send(ask.SerializeToString())
        for message in link:
            told = ForwardMsg()
            told.ParseFromString(message)
            assert told.delta.new_element.WhichOneof("type") != "exception", told
            if told.WhichOneof("type") == "script_finished":
                assert told.script_finished == ForwardMsg.FINISHED_SUCCESSFULLY
                return
    raise AssertionError("the script did not end")


@pytest.mark.slow
def test_the_command_serves_the_leaderboards_own_page(tmp_path):
    log = (tmp_path / "log").open("w")
    process = subprocess.Popen(
        [
            sys.executable,
            "-m",
            "dgbench",
            "leaderboard",
            "serve",
            "--port",
            "0",
            "--no-open",
            "--empty",
            "--log-format",
            "json",
            "--db",
            str(tmp_path / "store"),
        ],
        stdout=subprocess.PIPE,
        stderr=log,
        text=True,
    )
    try:
        line = process.stdout.readline()
        assert line.startswith("The leaderboard is at http://127.0.0.1:"), line
        url = line.split()[4]
        wait_for(url)
        see(url)
        assert "leaderboard" in httpx.get(f"{url}api/v1/openapi.json").json()["info"]["title"]
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=30) == 0
        assert process.stdout.read() == "Stopped.\n"
        lines = [json.loads(line) for line in (tmp_path / "log").read_text().splitlines()]
        assert (lines[0]["event"], lines[-1]["event"]) == ("started", "stopped")
        assert (lines[0]["store"], lines[0]["port"]) == (str(tmp_path / "store" / FILE), 0)
        asked = [line for line in lines if line["event"] == "request"]
        assert "/api/v1/openapi.json" in [line["path"] for line in asked]
        assert {"request"} == {line["event"] for line in lines[1:-1]}
    finally:
        process.kill()
        process.wait()
        log.close()
        process.stdout.close()


def test_the_server_answers_under_a_path(tmp_path):
    with running(tmp_path, base_path="boards/dg") as (url, _):
        assert url.endswith("/boards/dg/")
        assert '<div id="root">' in httpx.get(url, follow_redirects=True).text
        assert httpx.get(f"{url}api/v1/health").json() == {"status": "ok"}
        document = httpx.get(f"{url}api/v1/openapi.json").json()
        assert document["servers"] == [{"url": "/boards/dg/api/v1"}]
        policy = httpx.get(f"{url}api/v1/health").headers["content-security-policy"]
        assert policy.startswith("default-src 'none'; frame-ancestors")


def test_a_port_in_use_is_reported_in_one_sentence(server, tmp_path):
    port = server.rstrip("/").rsplit(":", 1)[1]
    done = command("--port", port, "--no-open", "--db", str(tmp_path / "store"))
    assert done.returncode == 1
    assert f"Cannot listen on port {port}" in done.stderr
    assert "--port" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "told"),
    [(["--host", "::"], "--allowed-host"), (["--base-path", "a b"], "is not a path")],
)
def test_unsafe_and_wrong_options_are_refused(tmp_path, arguments, told):
    done = command(*arguments, "--db", str(tmp_path / "store"))
    assert done.returncode == 2
    assert told in done.stderr
    assert not (tmp_path / "store").exists()


def command(*arguments):
    return subprocess.run(
        [sys.executable, "-m", "dgbench", "leaderboard", "serve", *arguments],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def test_the_server_imports_no_torch():
    code = (
        "import sys, leaderboard.server, leaderboard.cli.serving\n"
        "sys.exit(any(name.split('.')[0] in {'torch', 'lightning'} for name in sys.modules))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_streamlit_finds_no_pages_folder_beside_the_script(monkeypatch):
    """Streamlit would take a folder `pages` beside the script for scripts of its own."""
    from streamlit.runtime.pages_manager import PagesManager

    from leaderboard.server import PAGE

    monkeypatch.setattr(PagesManager, "uses_pages_directory", None)
    assert PAGE.is_file()
    assert not PagesManager(str(PAGE)).uses_pages_directory
