"""Signing in by OpenID Connect: a provider for tests in a process of its own, made-up people."""

import json
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.leaderboard.web.visits import Visit, served

pytestmark = pytest.mark.slow

WORD_JOINER = "\u2060"
"""The page puts it into what a browser would make a link of."""
PEOPLE = {
    "verified": {"sub": "ada", "email": "ada@example.org", "email_verified": True},
    "unverified": {"sub": "eve", "email": "ada@example.org"},
}


def free_port() -> int:
    """A port that nobody listens on: the provider and the server must know each other's."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        return int(listening.getsockname()[1])


@pytest.fixture(scope="module")
def provider() -> Iterator[str]:
    """The address of a provider that knows the people above."""
    port = free_port()
    claims = [part for who in PEOPLE.values() for part in ("--user-claims", json.dumps(who))]
    command = [sys.executable, "-m", "oidc_provider_mock", "--port", str(port), *claims]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT) as process:
        assert process.stdout is not None
        assert any(b"Uvicorn running" in line for line in process.stdout)
        yield f"http://127.0.0.1:{port}"
        process.terminate()


@pytest.fixture
def address(provider: str, tmp_path: Path) -> Iterator[str]:
    """A leaderboard whose operator set the provider up."""
    port = free_port()
    secrets = tmp_path / ".streamlit" / "secrets.toml"
    secrets.parent.mkdir()
    secrets.write_text(
        "[auth]\n"
        f'redirect_uri = "http://127.0.0.1:{port}/oauth2callback"\n'
        'cookie_secret = "0123456789abcdef0123456789abcdef"\n'
        'client_id = "dgbench"\n'
        'client_secret = "secret"\n'
        f'server_metadata_url = "{provider}/.well-known/openid-configuration"\n'
    )
    with served(tmp_path / "board.db", port=port, folder=tmp_path) as url:
        yield url


@pytest.mark.parametrize("who", PEOPLE)
def test_people_sign_in_with_an_external_account(
    browser: Browser, address: str, provider: str, who: str
) -> None:
    person = PEOPLE[who]
    name = str(person["email"]) if who == "verified" else f"{provider}/{person['sub']}"
    with browser.new_context() as context:
        visit = Visit(context, address)
        page = visit.open("mine")
        page.get_by_role("button", name="Sign in", exact=True).click()
        page.get_by_role("button", name=str(person["sub"])).click()
        page.wait_for_url(f"{address}**")
        visit.open("mine")
        shown = page.get_by_text("Signed in as").inner_text().replace(WORD_JOINER, "")
        assert shown == f"Signed in as {name} (submitter)."
        visit.open("moderation")
        expect(page.get_by_text("This page is for moderators")).to_be_visible()
        page.get_by_role("button", name="Sign out").click()
        page.wait_for_url(f"{provider}/oauth2/end_session**")  # which asks once more
        visit.open("mine")
        expect(page.get_by_role("button", name="Sign in", exact=True)).to_be_visible()
