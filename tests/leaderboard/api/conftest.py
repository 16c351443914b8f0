"""Fixtures: an API over its own store in this process, and a whole server in another process."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import time

import httpx
import pytest

PAGE = """
import streamlit as st
st.title("A page")
looked_for = st.text_input("Search", key="q")
st.write("You look for", looked_for)
given = st.file_uploader("Bundle")
if given is not None:
    st.write(f"{len(given.getvalue())} bytes")
"""
SERVER = """
import json
import sys
from pathlib import Path
from leaderboard.server import Place, serve
from leaderboard.service import Service
from leaderboard.store.database import Store
store = Store.open(sys.argv[1])
def watch(event, arguments):
    if event in {"socket.connect", "socket.getaddrinfo"}:
        print("It asked elsewhere:", event, arguments, flush=True)
sys.addaudithook(watch)
given = json.loads(sys.argv[3])
place = Place(port=0, base_path=given["base_path"], trusted_proxies=tuple(given["proxies"]),
              allowed_hosts=tuple(given["hosts"]))
serve(Service(store), place, page=Path(sys.argv[2]),
      on_ready=lambda url: print(url, flush=True))
store.close()
print("Stopped.", flush=True)
"""


@pytest.fixture
def service(tmp_path):
    """A service over SQLite, with a scorer of synthetic bundles."""
    from leaderboard.service import Service
    from leaderboard.store.database import Store
    from tests.leaderboard.synthetic import Clock, score

    found = Service(Store.open(str(tmp_path / "store")), score=score, now=Clock())
    yield found
    found.close()


@pytest.fixture
def token(service):
    """A function that issues a token with roles."""
    from leaderboard.records import OPERATOR

    def issue(*roles, name="ada", **settings):
        return service.issue_token(name, roles, OPERATOR, **settings).secret

    return issue


@pytest.fixture
def filled(service):
    """The ids of three submissions of two tracks."""
    from leaderboard.records import OPERATOR
    from tests.leaderboard.synthetic import bundle

    bundles = (
        bundle("erm", level=0.4),
        bundle("prcl", level=0.8),
        bundle("irm", uses=["environments"]),
    )
    return [service.receive(one, OPERATOR).submission_id for one in bundles]


@pytest.fixture
def api(service):
    """A client of the API with its guard, without the web page."""
    from starlette.testclient import TestClient

    with TestClient(asgi(service), base_url="http://localhost") as client:
        yield client


def asgi(service, *, allowed=("localhost",), max_body_bytes=1_000_000):
    from starlette.applications import Starlette
    from starlette.exceptions import HTTPException
    from starlette.middleware import Middleware

    from leaderboard.api.guard import Guard
    from leaderboard.api.problems import ProblemError, on_http_exception, on_problem
    from leaderboard.api.routes import api_mount

    return Starlette(
        routes=[api_mount(service)],
        middleware=[
            Middleware(
                Guard,
                allowed=allowed,
                api_root="/api",
                page_policy="default-src 'self'",
                max_body_bytes=max_body_bytes,
            )
        ],
        exception_handlers={ProblemError: on_problem, HTTPException: on_http_exception},
    )


@contextlib.contextmanager
def running(folder, *, base_path="", proxies=(), hosts=()):
    """Starts a whole server in another process, gives its address and process, and ends it."""
    page = folder / "page.py"
    page.write_text(PAGE)
    given = json.dumps({"base_path": base_path, "proxies": proxies, "hosts": hosts})
    process = subprocess.Popen(
        [sys.executable, "-c", SERVER, str(folder / "store"), str(page), given],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    )
    try:
        url = process.stdout.readline().strip()
        assert url.startswith("http"), url + process.stdout.read()
        wait_for(url)
        yield url, process
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()
        process.stdout.close()


def wait_for(url, *, seconds=60):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        with contextlib.suppress(httpx.TransportError):
            if httpx.get(url, timeout=5).status_code == httpx.codes.OK:
                return
        time.sleep(0.1)
    raise AssertionError(f"{url} does not answer")
