"""The pages are usable for people who do not see them, or see other colours."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from tests.leaderboard.web.visits import Filled, Visit, bundle, sign_in

pytestmark = pytest.mark.slow

Scheme = Literal["light", "dark"]


def serious(response: Mapping[str, Any]) -> list[str]:
    """The serious and critical findings."""
    return [
        f"{violation['id']}: {node['html'][:300]}"
        for violation in response["violations"]
        if violation["impact"] in ("serious", "critical")
        for node in violation["nodes"]
    ]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_serious(visit: Visit, filled: Filled, scheme: Scheme) -> None:
    visit.page.emulate_media(color_scheme=scheme)
    findings_by_path = {}
    for path in (
        "",
        "board",
        "families",
        "method?name=prcl",
        "submission?id={prcl}",
        "submission?id={prcl}&part=Claims",
        "submission?id={prcl}&part=Mistakes",
        "compare?id={prcl}&id={erm}",
        "benchmarks",
        "submit",
        "status",
        "cost",
        "timeline",
        "rules",
        "board?track=all&as_of=2030-01-01",
    ):
        page = visit.open(path.format(**filled.ids))
        page.wait_for_timeout(300)
        findings_by_path[path] = serious(Axe().run(page).response)
    assert {path: findings for path, findings in findings_by_path.items() if findings} == {}


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_serious_for_signed_in_users(
    visit: Visit, filled: Filled, scheme: Scheme, tmp_path: Path
) -> None:
    page = visit.page
    page.emulate_media(color_scheme=scheme)
    findings_by_path = {}
    for path in ("mine", "moderation", "submit"):
        visit.open(path)
        if path == "mine":  # it stays signed in
            sign_in(visit, filled.moderator)
        if path == "submit":
            page.locator("input[type=file]").set_input_files(bundle("rsc", tmp_path))
            expect(page.get_by_role("button", name="Submit it")).to_be_enabled()
        else:
            page.get_by_test_id("stExpander").get_by_text(re.compile("^Make a")).click()
            expect(page.get_by_role("button", name="Make it")).to_be_visible()
        visit.drawn()
        page.wait_for_timeout(300)
        findings_by_path[path] = serious(Axe().run(page).response)
    assert {path: findings for path, findings in findings_by_path.items() if findings} == {}


def test_a_phone_shows_the_table_before_the_controls_and_never_scrolls_sideways(
    visit: Visit, filled: Filled
) -> None:
    visit.page.set_viewport_size({"width": 390, "height": 844})
    width = {}
    for path in ("", "rules", "benchmarks", "compare?id={prcl}&id={erm}", "board"):
        page = visit.open(path.format(**filled.ids))
        width[path] = page.get_by_test_id("stMain").evaluate("main => main.scrollWidth")
    assert set(width.values()) == {390}
    # The board is the last page. Its first row is on the first screen, as far as the strips.
    choice = page.get_by_role("combobox", name="Benchmark")
    expect(choice).to_be_hidden()
    row = page.get_by_role("row").filter(has=page.get_by_role("link", name="prcl", exact=True))
    expect(row.locator("td.heat").first).to_be_in_viewport()
    # The box itself is drawn over.
    page.get_by_text("Choose benchmark, track and filters").click()
    expect(choice).to_be_visible()
    page.set_viewport_size({"width": 1100, "height": 900})
    expect(page.get_by_text("Choose benchmark, track and filters")).to_be_hidden()
    expect(choice).to_be_visible()
