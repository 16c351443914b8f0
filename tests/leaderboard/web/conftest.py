"""A real server on a real store, and a real browser."""

import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from dgbench.submission.pack.packing import Details, pack
from leaderboard.records import OPERATOR
from leaderboard.service import Service
from leaderboard.store.database import Store
from leaderboard.web.current_service import set_current_service

REFERENCE = Path(__file__).parents[3] / "baselines" / "results" / "reference" / "mnist-color@1"
CHROMIUM = shutil.which("chromium")
ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
METHODS = ("erm", "greyscale", "mixup", "prcl")
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
CARD = "\n\n".join(
    [
        "# Card",
        *XSS,
        "![r][ref]",
        "[ref]: https://evil.invalid/ref.png",
        "<style>@import url(https://evil.invalid/x.css);</style>",
        "<object data=https://evil.invalid></object>",
        "[good](https://example.org/paper)",
        ":material/home: :red[x]",
    ]
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


@pytest.fixture(scope="session")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Filled:
    """A store with four reference methods and one hostile submission."""
    folder = tmp_path_factory.mktemp("filled")
    service = Service(Store.open(str(folder / "board.db")))
    ids = {}
    for method in METHODS:
        receipt = service.receive(bundle(method, folder).read_bytes(), OPERATOR)
        ids[method] = receipt.submission_id
    hostile = Details(
        display_name=XSS[0],
        authors=XSS,
        description=" ".join(XSS)[:500],
        model_card=CARD,
        licence="MIT",
    )
    receipt = service.receive(bundle("sam", folder, hostile).read_bytes(), OPERATOR)
    ids["sam"] = receipt.submission_id
    tokens = [
        service.issue_token(name, roles, OPERATOR).secret
        for name, roles in (("alice", ["submitter"]), ("mod", ["moderator", "submitter"]))
    ]
    service.close()
    return Filled(folder / "board.db", ids, *tokens)


@pytest.fixture
def empty(tmp_path: Path) -> Iterator[Service]:
    """The process shows an empty store."""
    service = Service(Store.open(str(tmp_path / "empty.db")))
    set_current_service(service)
    yield service
    set_current_service(None)
    service.close()


@contextmanager
def served(store: Path, *, port: int = 0, folder: Path | None = None) -> Iterator[str]:
    """The address of a server on a store, which runs in a folder that may hold its secrets."""
    command = (sys.executable, "-m", "dgbench", "leaderboard", "serve", "--no-open", "--port")
    with subprocess.Popen(
        [*command, str(port), "--db", str(store)],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        cwd=folder,
    ) as process:
        assert process.stdout is not None
        try:
            for line in process.stdout:
                if found := re.search(r"http://\S+", line):
                    yield found[0]
                    break
            else:
                pytest.fail("the server did not start")
        finally:
            process.terminate()
            process.wait(timeout=20)


@pytest.fixture(scope="session")
def server(filled: Filled) -> Iterator[str]:
    """A server on the filled store."""
    with served(filled.store) as address:
        yield address


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Chromium."""
    if CHROMIUM is None:
        pytest.skip("Chromium is not installed: apt-get install chromium")
    with sync_playwright() as playwright:
        found = playwright.chromium.launch(executable_path=CHROMIUM, args=list(ARGUMENTS))
        expect.set_options(timeout=PATIENCE)
        yield found
        found.close()


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


@pytest.fixture
def visit(browser: Browser, server: str) -> Iterator[Visit]:
    """A visitor of the filled leaderboard."""
    with browser.new_context(
        viewport={"width": 1360, "height": 1000}, accept_downloads=True
    ) as context:
        found = Visit(context, server)
        yield found
        assert found.elsewhere == []
        assert found.dialogs == []
