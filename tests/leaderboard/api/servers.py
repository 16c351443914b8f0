"""Servers for tests: the API in this process, and a whole server in one of its own."""

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time

import httpx

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
from leaderboard.server import ServerOptions, serve
from leaderboard.service import Service
from leaderboard.store.database import Store
store = Store.open(sys.argv[1])
def watch(event, arguments):
    if event in {"socket.connect", "socket.getaddrinfo"}:
        print("It asked elsewhere:", event, arguments, flush=True)
sys.addaudithook(watch)
given = json.loads(sys.argv[3])
options = ServerOptions(port=0, base_path=given["base_path"], allowed_hosts=tuple(given["hosts"]),
                        trusted_proxies=tuple(given["proxies"]))
serve(Service(store), options, page=Path(sys.argv[2]),
      on_ready=lambda url: print(url, flush=True))
store.close()
print("Stopped.", flush=True)
"""


def asgi(service, *, allowed=("localhost",), max_body_bytes=1_000_000, origins=()):
    from starlette.applications import Starlette
    from starlette.exceptions import HTTPException
    from starlette.middleware import Middleware

    from leaderboard.api.guard import Guard
    from leaderboard.api.problems import ProblemError, on_http_exception, on_problem
    from leaderboard.api.routes import api_mount

    return Starlette(
        routes=[api_mount(service, origins=origins)],
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


@contextlib.contextmanager
def in_thread(app):
    """Serves an app in a thread of this process, and gives its address."""
    import uvicorn

    with socket.create_server(("127.0.0.1", 0)) as listening:
        config = uvicorn.Config(app, log_level="critical", lifespan="off", ws="none")
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        server.should_exit = True
        thread.join()


def wait_for(url, *, seconds=60):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        with contextlib.suppress(httpx.TransportError):
            if httpx.get(url, timeout=5, follow_redirects=True).status_code == httpx.codes.OK:
                return
        time.sleep(0.1)
    raise AssertionError(f"{url} does not answer")
