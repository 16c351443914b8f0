"""A database that stops, a disk that is full, a signal amid an upload: each of them for real."""

import logging
import os
import signal
import socket
import subprocess
import threading
import time

import httpx
import pytest

from tests.dgbench.submission.making import good_bundle
from tests.leaderboard.api.servers import asgi, in_thread, running
from tests.leaderboard.synthetic import bundle, score

BOARD = "/api/v1/leaderboard?benchmark=mnist-color@1"
BUNDLE = {"Content-Type": "application/vnd.dgbench.submission+zip"}


def api_of(service):
    from starlette.testclient import TestClient

    return TestClient(asgi(service), base_url="http://localhost")


def told(caplog):
    """The lines of warnings and errors so far, without tracebacks, which must not be there."""
    assert not [record for record in caplog.records if record.exc_info]
    lines = [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING]
    caplog.clear()
    return lines


@pytest.fixture
def on_postgresql(own_postgresql, tmp_path):
    """A server of the database, a service over it, and a token to submit with."""
    import psycopg

    from leaderboard.records import OPERATOR
    from leaderboard.service import Service
    from leaderboard.store.database import Store

    with psycopg.connect(
        own_postgresql.url.format("postgres").replace("+psycopg", ""), autocommit=True
    ) as link:
        link.execute("CREATE DATABASE board")
    url = own_postgresql.url.format("board")
    service = Service(Store.open(url, blobs=tmp_path / "blobs"), score=score)
    secret = service.issue_token("ada", ["submitter"], OPERATOR).secret
    yield own_postgresql, service, {"Authorization": f"Bearer {secret}", **BUNDLE}
    service.close()


@pytest.mark.slow
def test_a_stopped_database_is_told_as_an_outage(on_postgresql, caplog):
    server, service, headers = on_postgresql
    with api_of(service) as api:
        assert api.post("/api/v1/submissions", content=bundle("erm"), headers=headers).is_success
        assert len(api.get(BOARD).json()["rows"]) == 1
        server.stop()
        for method, path in (
            ("GET", BOARD),
            ("GET", "/api/v1/ready"),
            ("POST", "/api/v1/submissions"),
        ):
            answer = api.request(method, path, headers=headers, content=bundle("irm"))
            assert (answer.status_code, answer.headers["retry-after"]) == (503, "10"), path
            assert answer.json()["code"] == "store-unavailable"
            assert "dgbench-pg" not in answer.text
            lines = told(caplog)
            assert len(lines) == 1
            assert lines[0].startswith("the store is unavailable: The database does not answer")
        assert api.get("/api/v1/health").status_code == 200
        server.start()
        assert api.get("/api/v1/ready").json()["n_submissions"] == 1
        assert api.post("/api/v1/submissions", content=bundle("irm"), headers=headers).is_success


@pytest.mark.slow
def test_a_submission_waits_for_the_database(on_postgresql):
    """The client asks as long as the server wants, and the bundle is kept once."""
    from data_gen.foundation.documents import digest_of
    from leaderboard.client.http_client import Client

    server, service, headers = on_postgresql
    waits = []

    def sleep(seconds):
        waits.append(seconds)
        if len(waits) == 3:
            server.start()

    data = bundle("erm")
    server.stop()
    with in_thread(asgi(service, allowed=("127.0.0.1",))) as url:
        secret = headers["Authorization"].removeprefix("Bearer ")
        with Client(url, secret, sleep=sleep) as client:
            receipt = client.submit(data, digest_of(data)[:32])
    assert receipt.is_new
    assert waits[0] == 10
    assert service.status().n_submissions == 1


@pytest.fixture
def small_disk(tmp_path):
    """A folder on a disk of one megabyte."""
    folder = tmp_path / "small"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", folder]
    if os.name != "posix" or os.geteuid() != 0 or subprocess.run(mount, check=False).returncode:
        pytest.skip("Only root can mount a small disk.")
    yield folder
    subprocess.run(["umount", "--lazy", folder], check=True)


def test_a_full_disk_is_told_without_its_path(small_disk, tmp_path, caplog):
    from leaderboard.records import OPERATOR
    from leaderboard.service import Service
    from leaderboard.store.database import Store

    store = Store.open(str(tmp_path / "store"), blobs=small_disk / "blobs")
    service = Service(store, score=score)
    secret = service.issue_token("ada", ["submitter"], OPERATOR).secret
    headers = {"Authorization": f"Bearer {secret}", **BUNDLE}
    filler = small_disk / "filler"
    filler.write_bytes(b"x" * (2**20 - 2**14))
    with api_of(service) as api:
        data = bundle("erm", description="long " * 8_000)
        full = api.post("/api/v1/submissions", content=data, headers=headers)
        assert (full.status_code, full.json()["code"]) == (507, "no-room")
        assert str(small_disk) not in full.text
        lines = told(caplog)
        assert len(lines) == 1
        assert str(small_disk) in lines[0]
        ready = api.get("/api/v1/ready")
        assert (ready.status_code, ready.json()["code"]) == (507, "no-room")
        filler.unlink()
        assert api.post("/api/v1/submissions", content=data, headers=headers).status_code == 201
    assert service.audit().problems == ()
    service.close()


def test_a_full_database_is_told_too(tmp_path, caplog):
    """SQLite itself says that it is full, here by a limit of its own."""
    from sqlalchemy import event

    from leaderboard.records import OPERATOR
    from leaderboard.service import Service
    from leaderboard.store.database import Store

    store = Store.open(str(tmp_path / "store"))
    service = Service(store, score=score)
    secret = service.issue_token("ada", ["submitter"], OPERATOR).secret
    n_pages = store.engine.connect().exec_driver_sql("PRAGMA page_count").scalar()
    store.engine.dispose()
    event.listen(
        store.engine,
        "connect",
        lambda link, _: link.execute(f"PRAGMA max_page_count = {n_pages}").close(),
    )
    with api_of(service) as api:
        headers = {"Authorization": f"Bearer {secret}", **BUNDLE}
        data = bundle("erm", description="long " * 50_000)
        full = api.post("/api/v1/submissions", content=data, headers=headers)
        assert (full.status_code, full.json()["code"]) == (507, "no-room")
        assert "database or disk is full" in told(caplog)[0]
    assert service.status().n_submissions == 0
    service.close()


def test_a_store_of_other_tables_is_not_ready(service, api):
    with service.store.write() as session:
        session.connection().exec_driver_sql("UPDATE alembic_version SET version_num = 'newer'")
    answer = api.get("/api/v1/ready")
    assert (answer.status_code, answer.json()["code"]) == (503, "store-unavailable")


def test_a_mistake_of_ours_is_answered_as_a_defect(service, api, monkeypatch):
    from sqlalchemy import text

    def ask(_):
        with service.store.read() as session:
            session.execute(text("SELECT * FROM no_such_table"))

    monkeypatch.setattr(type(service), "newest", lambda self, _: ask(self))
    assert api.get("/api/v1/feed").json()["code"] == "internal-error"


def test_a_signal_waits_for_an_upload(tmp_path):
    """An upload that has begun is received, scored and answered before the server ends."""
    from leaderboard.records import OPERATOR
    from leaderboard.service import Service
    from leaderboard.store.database import Store

    service = Service(Store.open(str(tmp_path / "store")))
    secret = service.issue_token("ada", ["submitter"], OPERATOR).secret
    service.close()
    data = good_bundle()
    with running(tmp_path) as (url, process):
        address = httpx.URL(url)
        with socket.create_connection((address.host, address.port)) as link:
            link.sendall(
                f"POST /api/v1/submissions HTTP/1.1\r\nHost: localhost\r\n"
                f"Authorization: Bearer {secret}\r\nContent-Length: {len(data)}\r\n"
                f"Content-Type: {BUNDLE['Content-Type']}\r\n\r\n".encode()
                + data[:1000]
            )
            wait_until_begun(url)
            process.send_signal(signal.SIGTERM)
            threading.Timer(0.5, link.sendall, [data[1000:]]).start()
            answer = b"".join(iter(lambda: link.recv(2**16), b""))
        assert answer.startswith(b"HTTP/1.1 201 Created")
        assert process.wait(timeout=20) == 0


def wait_until_begun(url):
    """Wait until what was sent before has surely been read."""
    for _ in range(3):
        assert httpx.get(f"{url}api/v1/health").status_code == 200
        time.sleep(0.05)
