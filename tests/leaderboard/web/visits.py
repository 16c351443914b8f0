"""Servers and browsers for tests of the web page, and what a visitor does in them."""

import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from dgbench.submission.pack.packing import Details, pack

REFERENCE = Path(__file__).parents[3] / "baselines" / "results" / "reference" / "mnist-color@1"


PATIENCE = 60_000
"""Milliseconds that a page may take on a busy machine."""


# Every text that a submitter chooses, with something that runs or loads where it is not escaped.
XSS = (
    "<script>window.hacked=1</script>",
    "<img src=x onerror='window.hacked=1'>",
    "<svg onload=window.hacked=1>",
    "![p](https://evil.invalid/pixel.png)",
    "[c](javascript:window.hacked=1)",
    '"><iframe src=https://evil.invalid>',
    "$\\href{javascript:window.hacked=1}{x}$",
)


def bundle(method: str, folder: Path, details: Details | None = None) -> Path:
    """A bundle of a method's reference runs."""
    runs = [path.parent for path in (REFERENCE / method).glob("*/seed-*/run.json")]
    return pack(runs, folder / f"{method}.dgsub", details=details).path


class Filled(NamedTuple):
    """A store with submissions, and who may do what in it."""

    store: Path
    ids: dict[str, str]
    """Submission ids by method."""
    submitter: str
    moderator: str
    """Tokens."""


@contextmanager
def served(store: Path, *, port: int = 0, folder: Path | None = None) -> Iterator[str]:
    """The address of a server on a store, which runs in a folder that may hold its secrets."""
    command = (sys.executable, "-m", "dgbench", "leaderboard", "serve", "--no-open", "--empty")
    log = store.with_name(f"{store.name}.log")
    with (
        # A pipe that nobody reads is full after some hundred requests, and the server would wait.
        log.open("a") as lines,
        subprocess.Popen(
            [*command, "--port", str(port), "--db", str(store)],
            stdout=subprocess.PIPE,
            stderr=lines,
            text=True,
            cwd=folder,
        ) as process,
    ):
        assert process.stdout is not None
        try:
            for line in process.stdout:
                if address := re.search(r"http://\S+", line):
                    yield address[0]
                    break
            else:
                pytest.fail(f"the server did not start: {log.read_text()}")
        finally:
            process.terminate()
            process.wait(timeout=40)


class Visit:
    """One visitor: a page, what it asked other hosts for, and what it ran."""

    def __init__(self, context: BrowserContext, address: str) -> None:
        self.address = address.rstrip("/")
        self.elsewhere: list[str] = []
        self.dialogs: list[str] = []
        context.on("request", lambda request: self._note(request.url))
        self.page: Page = context.new_page()
        self.page.set_default_timeout(PATIENCE)
        self.page.on(
            "dialog", lambda dialog: (self.dialogs.append(dialog.message), dialog.dismiss())
        )

    def _note(self, url: str) -> None:
        if not url.startswith(
            (self.address, "data:", "blob:", "about:", self.address.replace("http", "ws", 1))
        ):
            self.elsewhere.append(url)

    def open(self, path: str = "") -> Page:
        """Go to a path and wait until it is drawn."""
        self.page.goto(f"{self.address}/{path}")
        self.drawn()
        return self.page

    def drawn(self) -> None:
        """Wait until Streamlit has nothing more to draw."""
        expect(self.page.locator("h1").first).to_be_visible(timeout=PATIENCE)
        expect(self.page.get_by_test_id("stApp")).to_have_attribute(
            "data-test-script-state", "notRunning", timeout=PATIENCE
        )


def sign_in(visit: Visit, token: str) -> None:
    visit.page.get_by_label("Token", exact=True).fill(token)
    visit.page.get_by_role("button", name="Sign in with the token").click()
    expect(visit.page.get_by_text("Signed in as")).to_be_visible()
