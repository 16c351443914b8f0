"""A real server on a real store, and a real browser."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect, sync_playwright

from dgbench.submission.pack.packing import Details
from leaderboard.records import OPERATOR
from leaderboard.service import Service
from leaderboard.store.database import Store
from leaderboard.web.current_service import set_current_service
from tests.leaderboard.web.visits import PATIENCE, XSS, Filled, Visit, bundle, served

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


@pytest.fixture
def service(store: Path) -> Iterator[Service]:
    """The service that the pages use, over the store of the test."""
    service = Service(Store.open(str(store)))
    set_current_service(service)
    yield service
    set_current_service(None)
    service.close()


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
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=list(ARGUMENTS))
        expect.set_options(timeout=PATIENCE)
        yield chromium
        chromium.close()


@pytest.fixture
def visit(browser: Browser, server: str) -> Iterator[Visit]:
    """A visitor of the filled leaderboard."""
    with browser.new_context(
        viewport={"width": 1360, "height": 1000}, accept_downloads=True
    ) as context:
        visitor = Visit(context, server)
        yield visitor
        assert visitor.elsewhere == []
        assert visitor.dialogs == []
