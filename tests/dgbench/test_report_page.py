"""The page of a report in a real browser: whole, narrow enough, and silent on the network."""

import shutil
from pathlib import Path

import pytest

import baselines
from dgbench.report.boards import read_boards
from dgbench.report.page import as_html

STORED = Path(baselines.__file__).parent / "results" / "reference"
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    path = tmp_path_factory.mktemp("page") / "report.html"
    boards = read_boards([STORED / "fashion-color@1", STORED / "mnist-color@1" / "erm"])
    path.write_text(as_html(boards), encoding="utf-8")
    return path.as_uri()


@pytest.mark.slow
@pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed")
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1280])
def test_the_page_opens_offline(address, scheme, width):
    from axe_playwright_python.sync_playwright import Axe
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        # The checker of accessibility is a script, which the page's own policy forbids.
        context = browser.new_context(
            viewport={"width": width, "height": 900}, color_scheme=scheme, bypass_csp=True
        )
        page = context.new_page()
        noise = []
        page.on("console", lambda message: noise.append(message.text))
        page.on("pageerror", lambda error: noise.append(str(error)))
        page.on("request", lambda request: noise.append(request.url))
        page.goto(address)
        assert noise == [address]
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        page.evaluate("document.querySelectorAll('details').forEach(each => each.open = true)")
        violations = Axe().run(page).response["violations"]
        serious = [
            violation["id"]
            for violation in violations
            if violation["impact"] in ("serious", "critical")
        ]
        browser.close()
    assert serious == []
