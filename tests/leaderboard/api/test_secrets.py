"""A token's secret is in the hands of its holder and nowhere else, whatever it is used for."""

import os
import subprocess
import sys
import time

import httpx
import pytest

from tests.dgbench.submission.making import good_bundle
from tests.leaderboard.api.servers import wait_for

BUNDLE = {"Content-Type": "application/vnd.dgbench.submission+zip"}


@pytest.fixture
def service(tmp_path):
    """A service over the store that the server opens too."""
    from leaderboard.service import Service
    from leaderboard.store.database import Store

    running = Service(Store.open(str(tmp_path / "store")))
    yield running
    running.close()


@pytest.fixture
def server(tmp_path):
    """The address of the command's own server, which prints what it can into a file."""
    printed = tmp_path / "printed.txt"
    with printed.open("wb") as file:
        process = subprocess.Popen(
            [
                *DGBENCH,
                "leaderboard",
                "serve",
                "--port",
                "0",
                "--no-open",
                "--empty",
                "--db",
                str(tmp_path / "store"),
            ],
            stdout=file,
            stderr=subprocess.STDOUT,
            env={**os.environ, "PYTHONUNBUFFERED": "1"},
        )
    try:
        while "(Ctrl-C ends it)" not in printed.read_text():
            assert process.poll() is None, printed.read_text()
            time.sleep(0.1)
        url = printed.read_text().split()[4]
        wait_for(url)
        yield url
    finally:
        process.terminate()
        process.wait(timeout=30)


DGBENCH = [sys.executable, "-m", "dgbench", "--debug"]
"""With this option tracebacks would be printed."""


def used(board, secret):
    """The answers of a server to tokens that are right, wrong or in the wrong place."""
    bearer = {"Authorization": f"Bearer {secret}"}
    with httpx.Client(base_url=f"{board}api/v1/", headers=bearer, timeout=60) as client:
        sent = client.post("submissions", content=good_bundle(), headers=BUNDLE)
        assert sent.status_code == 201, sent.text
        place = f"submissions/{sent.json()['submission_id']}"
        wrong = {**BUNDLE, "Authorization": f"Bearer {secret}x"}
        return [
            sent,
            client.post("submissions", content=b"PK", headers=BUNDLE),
            client.post("submissions", content=b"x", headers={"Content-Type": "text/html"}),
            client.post("submissions", content=b"x", headers=wrong),
            client.post("submissions", content=b"x", headers={"Authorization": secret}),
            client.post("verifications", json={"level": secret}),
            client.post(f"{place}/nonces"),
            client.delete(place, params={"reason": "A reason."}),
            client.get(f"{place}/audit"),
            httpx.post(f"{board}api/v1/submissions?token={secret}", content=b"x", headers=BUNDLE),
        ]


def test_no_secret_is_logged_answered_or_kept_by_a_server(tmp_path, service, server):
    from leaderboard.records import OPERATOR

    token = service.issue_token("ada", ["submitter", "verifier"], OPERATOR)
    answers = used(server, token.secret)
    assert {answer.status_code for answer in answers} == {200, 201, 204, 401, 415, 422}
    assert not [answer.url for answer in answers if token.secret in answer.text]
    assert token.secret not in (tmp_path / "printed.txt").read_text()
    events = service.events()
    assert {"token issued", "received", "nonce shown", "withdrawn"} <= {e.action for e in events}
    assert token.info.id in repr(events)
    assert token.secret not in repr(events)
    kept = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert len(kept) > 3
    assert not [path.name for path in kept if token.secret.encode() in path.read_bytes()]


def submitted(folder, name, url, secret):
    """The output of `dgbench submit` on stdout and stderr."""
    done = subprocess.run(
        [*DGBENCH, "submit", name, "--to", url],
        capture_output=True,
        text=True,
        check=False,
        cwd=folder,
        env={**os.environ, "DGBENCH_TOKEN": secret, "TMPDIR": str(folder)},
    )
    return done.returncode, done.stdout + done.stderr


@pytest.mark.slow
def test_no_secret_is_printed_by_a_client(tmp_path, service, server):
    from leaderboard.records import OPERATOR

    secret = service.issue_token("ada", ["submitter"], OPERATOR).secret
    (tmp_path / "good.dgsub").write_bytes(good_bundle())
    (tmp_path / "bad.dgsub").write_bytes(b"PK")
    cases = [
        ("good.dgsub", server, secret),
        ("bad.dgsub", server, secret),
        ("good.dgsub", server, secret + "x"),
        ("good.dgsub", server, secret + "\u0430"),
        ("good.dgsub", "http://example.org", secret),
    ]
    results = [submitted(tmp_path, *case) for case in cases]
    assert [code for code, _ in results] == [0, 1, 1, 2, 2]
    assert not [told for _, told in results if secret in told]
    kept = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert not [path.name for path in kept if secret.encode() in path.read_bytes()]
