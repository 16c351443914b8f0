"""The ways through the pages, in Chromium, on a real server with real submissions."""

import csv
import io
import re
import time
import zipfile
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from playwright.sync_api import Browser, Error, FileChooser, Page, expect

from leaderboard.export.folder import export
from leaderboard.service import Service
from leaderboard.store.database import Store
from tests.leaderboard.web.visits import XSS, Filled, Visit, bundle, served, sign_in

pytestmark = pytest.mark.slow


def downloaded(page: Page, name: str) -> str:
    """The text of a file. A click is lost if the page is redrawn under it, so click again."""
    for patience in (10_000, 60_000):
        expect(page.get_by_test_id("stApp")).to_have_attribute(
            "data-test-script-state", "notRunning"
        )
        try:
            with page.expect_download(timeout=patience) as waiting:
                page.get_by_role("button", name=name, exact=True).click()
            return Path(waiting.value.path()).read_text()
        except Error:
            continue
    raise AssertionError(f"{name} is not downloaded.")


def methods(page: Page) -> list[str]:
    """The methods that the table shows, in its order."""
    return [line["method"] for line in csv.DictReader(io.StringIO(downloaded(page, "CSV")))]


def test_an_empty_store_says_how_to_fill_it(browser: Browser, tmp_path: Path) -> None:
    with served(tmp_path / "empty.db") as address, browser.new_context() as context:
        visit = Visit(context, address)
        page = visit.open()
        expect(page.get_by_text("The leaderboard is empty")).to_be_visible()
        expect(page.get_by_text("dgbench leaderboard import")).to_be_visible()
        for path in ("compare", "cost", "timeline", "status", "benchmarks", "rules", "submit"):
            visit.open(path)
            expect(page.get_by_test_id("stException")).to_have_count(0)
        assert visit.elsewhere == []


def test_the_page_ranks_filters_and_its_address_shows_the_same(visit: Visit) -> None:
    page = visit.open("board")
    expect(page.get_by_role("rowheader", name="prcl")).to_be_visible()
    expect(page.get_by_text("1 of 4 methods finds at least half")).to_be_visible()
    everything = list(csv.DictReader(io.StringIO(downloaded(page, "CSV"))))
    assert [line["method"] for line in everything] == ["prcl", "mixup", "erm", "sam"]
    assert everything[0]["rank"] == "1"

    page.get_by_role("searchbox").fill("mix")
    page.wait_for_url("**q=mix*")
    deadline = time.monotonic() + 30
    while methods(page) != ["mixup"] and time.monotonic() < deadline:
        page.wait_for_timeout(200)
    assert methods(page) == ["mixup"]
    again = visit.page.context.new_page()
    again.goto(page.url)
    expect(again.get_by_role("searchbox")).to_have_value("mix")
    again.close()

    page.get_by_role("button", name="Link to this view").click()
    link = page.get_by_test_id("stCode").inner_text().strip()
    asked = parse_qs(urlsplit(link).query)
    assert asked["q"] == ["mix"]
    assert asked["as_of"][0].startswith("20")
    assert methods(visit.open(link.removeprefix(visit.address).lstrip("/"))) == ["mixup"]


def test_a_track_is_chosen_and_kept_in_the_address(visit: Visit) -> None:
    page = visit.open("board?track=augmentation+prior")
    assert methods(page) == ["greyscale"]
    expect(page.get_by_text("was told which changes of the image do not matter")).to_be_visible()


def test_exports_hold_the_shown_columns_and_all_three_csv_files_are_one(
    visit: Visit, filled: Filled, tmp_path: Path
) -> None:
    page = visit.open("board?columns=HPS&columns=Training")
    api = httpx.get(
        f"{visit.address}/api/v1/leaderboard?benchmark=mnist-color&uses=&format=csv"
    ).text
    assert downloaded(page, "CSV") == api
    service = Service(Store.open(str(filled.store)))
    export(service, tmp_path)
    service.close()
    assert (tmp_path / "mnist-color@1.fixed.csv").read_text() == api
    tex = downloaded(page, "LaTeX")
    assert "Rank & Tier & Method & HPS & Training" in tex
    bibtex = downloaded(page, "BibTeX")
    # The view, its benchmark, and the papers of the four methods.
    assert bibtex.count("@misc{") == 6
    assert "duboudin2021encouraging" in bibtex
    page.get_by_role("button", name="Cite").last.click()  # the first is the site's
    expect(page.get_by_text("dgbench-mnist-color-v1")).to_be_visible()


def test_ticked_rows_are_compared_and_a_head_sorts_the_best_first(visit: Visit) -> None:
    page = visit.open()
    page.get_by_role("link", name="prcl", exact=True).click()
    expect(page.get_by_role("heading", name="prcl")).to_be_visible()
    page.get_by_role("link", name="mnist-color@1").click()
    expect(page.get_by_role("heading", name="mnist-color@1")).to_be_visible()
    for name in ("prcl", "mixup"):
        page.get_by_role("checkbox", name=f"Choose {name}").check()
    expect(page.get_by_text("2 chosen")).to_be_visible()
    head = page.get_by_role("columnheader", name="T color", exact=False).or_(
        page.get_by_role("columnheader", name="color")
    )
    for order, wording in (("false", "descending"), ("true", "ascending")):
        head.get_by_role("button").click()
        page.wait_for_url(f"**sort=trusted.color&reversed={order}*")
        expect(head).to_have_attribute("aria-sort", wording)
    expect(page.get_by_role("checkbox", name="Choose mixup")).to_be_checked()
    page.get_by_role("link", name="Compare").last.click()
    expect(page.get_by_role("heading", name="Compare", exact=False).first).to_be_visible()
    assert len(parse_qs(urlsplit(page.url).query)["id"]) == 2
    page.go_back()
    expect(page.get_by_role("heading", name="mnist-color@1")).to_be_visible()


def test_a_good_bundle_is_scored_and_gets_an_address(
    visit: Visit, filled: Filled, tmp_path: Path
) -> None:
    page = visit.open("submit")
    sign_in(visit, filled.submitter)
    submit = page.get_by_role("button", name="Submit it")
    expect(submit).to_be_disabled()
    page.locator("input[type=file]").set_input_files(bundle("dropout", tmp_path))
    expect(page.get_by_text("Nothing is stored yet")).to_be_visible()
    expect(page.get_by_text("What was checked")).to_be_visible()
    assert page.get_by_test_id("stMetric").count() == 0
    submit.click()
    expect(page.get_by_text("Accepted.")).to_be_visible()
    link = (
        page.get_by_test_id("stCode")
        .filter(has_text=re.compile(r"submission\?.*id="))
        .inner_text()
        .strip()
    )
    page = visit.open(link.removeprefix(visit.address).lstrip("/"))
    expect(page.get_by_role("heading", name="dropout")).to_be_visible()

    visit.open("submit")  # it stays signed in
    page.locator("input[type=file]").set_input_files(tmp_path / "dropout.dgsub")
    expect(page.get_by_text("These predictions were submitted before")).to_be_visible()
    page.get_by_role("button", name="Submit it").click()
    expect(page.get_by_text("had been submitted before")).to_be_visible()

    visit.open("mine")
    page.get_by_role("button", name="Withdraw").click()
    page.get_by_label("Reason, shown to everyone").fill("a test")
    page.get_by_role("button", name="Withdraw it for good").click()
    expect(page.get_by_text("withdrawn", exact=True)).to_be_visible()
    assert "dropout" not in downloaded(visit.open("board"), "CSV")


def test_a_bad_bundle_is_refused_with_its_code_and_advice(
    visit: Visit, filled: Filled, tmp_path: Path
) -> None:
    good, bad = bundle("rsc", tmp_path), tmp_path / "bad.dgsub"
    with zipfile.ZipFile(good) as old, zipfile.ZipFile(bad, "w") as new:
        new.writestr("manifest.json", old.read("manifest.json").replace(b"mnist-color", b"mnist-c"))
        new.writestr("predictions.parquet", old.read("predictions.parquet"))
    page = visit.open("submit")
    sign_in(visit, filled.submitter)
    page.locator("input[type=file]").set_input_files(bad)
    expect(page.get_by_text("Not valid, nothing was stored")).to_be_visible()
    expect(page.get_by_role("button", name="Submit it")).to_be_disabled()
    expect(page.get_by_text("E_BENCHMARK")).to_be_visible()
    expect(page.get_by_text("What to do:")).to_be_visible()


def test_submissions_are_compared_on_the_same_images(visit: Visit, filled: Filled) -> None:
    first, second = filled.ids["prcl"], filled.ids["erm"]
    page = visit.open(f"compare?benchmark=mnist-color%401&id={first}&id={second}")
    expect(page.get_by_text("prcl is better than erm by 0.5")).to_be_visible()
    for score in ("HPS", "F shape", "T shape", "T color", "UP", "MP", "R"):
        line = page.get_by_role("row").filter(has=page.get_by_role("rowheader", name=score))
        expect(line.locator("svg.lead-line").first).to_be_visible()
    assert parse_qs(urlsplit(page.url).query)["id"] == [first, second]
    # The image's caption says what each of them said, here of one class where prcl is right.
    page = visit.open(
        f"compare?benchmark=mnist-color%401&id={first}&id={second}&class=7&right={first}"
    )
    captions = page.get_by_text(re.compile(r"^label \d"))
    expect(captions).to_have_count(24)
    assert all(
        re.fullmatch(r"label 7 \u00b7 prcl 7 \u00b7 erm [^7]", text)
        for text in captions.all_inner_texts()
    )


def test_the_images_that_a_method_mistakes_are_shown_as_images(
    visit: Visit, filled: Filled
) -> None:
    page = visit.open(f"submission?id={filled.ids['erm']}&part=Mistakes")
    expect(page.get_by_text("Confusion matrix")).to_be_visible()
    # All but that of the site's head.
    images = (
        page.get_by_test_id("stMain").locator("img").and_(page.locator("img:not([alt*=digit])"))
    )
    expect(images).to_have_count(24)
    visit.drawn()
    for number in range(24):
        # An image that could not be decoded is complete, and 0 pixels wide.
        expect(images.nth(number)).to_have_js_property("complete", True)
        expect(images.nth(number)).not_to_have_js_property("naturalWidth", 0)
    shown = page.get_by_text(re.compile(r"^label \d \u00b7 predicted \d$"))
    expect(shown).to_have_count(24)
    captions = shown.all_inner_texts()
    pairs = [caption.removeprefix("label ").split(" \u00b7 predicted ") for caption in captions]
    assert all(label != said for label, said in pairs)
    # The hardest of each class come first.
    assert len({label for label, _ in pairs[:10]}) == 10
    # With the easy pattern, it makes no mistake.
    page.get_by_role("combobox", name="Test domain").click()
    page.get_by_role("option", name="id: as in training", exact=True).click()
    page.wait_for_url("**domain=id*")
    expect(page.get_by_text("No such images.")).to_be_visible()
    expect(images).to_have_count(0)


def test_moderation_is_refused_without_the_role(visit: Visit, filled: Filled) -> None:
    page = visit.open("moderation")
    expect(page.get_by_text("Act on a submission")).to_have_count(0)
    page.get_by_label("Token", exact=True).fill("dgb_wrong")
    page.get_by_role("button", name="Sign in with the token").click()
    expect(page.get_by_test_id("stAlert")).to_be_visible()
    visit.open("moderation")
    sign_in(visit, filled.submitter)
    expect(page.get_by_text("This page is for moderators")).to_be_visible()
    expect(page.get_by_text("Act on a submission")).to_have_count(0)


def test_a_moderator_hides_a_submission_and_shows_it_again(visit: Visit, filled: Filled) -> None:
    page = visit.open("moderation")
    sign_in(visit, filled.moderator)
    for action in ("hide", "show"):
        page.get_by_label("Id of the submission").fill(filled.ids["mixup"])
        page.get_by_label("Reason, shown to everyone").fill("a test")
        page.get_by_role("combobox", name="Action").click()
        page.get_by_role("option", name=action, exact=True).click()
        page.get_by_role("button", name="Apply").click()
        expect(page.get_by_text("Done, and entered in the audit log")).to_be_visible()
        visit.drawn()
    rows = downloaded(visit.open("board"), "CSV")
    assert "mixup" in rows


def test_nothing_that_a_submitter_writes_runs_or_loads(visit: Visit, filled: Filled) -> None:
    hostile = filled.ids["sam"]
    for path in (
        "",
        "families",
        "board?columns=Name&columns=Submitter",
        f"submission?id={hostile}",
        f"submission?id={hostile}&part=Claims",
        f"submission?id={hostile}&part=Trust",
        "method?name=sam",
        f"compare?id={hostile}&id={filled.ids['erm']}",
        "cost",
        "timeline",
        "status",
        "method?name=" + XSS[1],
        "submission?id=" + XSS[1],
    ):
        page = visit.open(path)
        page.wait_for_timeout(300)
        assert page.evaluate("window.hacked") is None, path
        main = page.get_by_test_id("stMain")
        assert main.locator("iframe, object, embed, script").count() == 0, path
        assert main.locator("[src*=evil], [href*=evil], [href^=javascript]").count() == 0, path
    visit.open(f"submission?id={hostile}&part=Claims")
    expect(visit.page.get_by_role("link", name="good")).to_have_attribute(
        "href", "https://example.org/paper"
    )


def test_a_bundle_is_submitted_by_keyboard_alone(
    visit: Visit, filled: Filled, tmp_path: Path
) -> None:
    page = visit.open("submit")
    expect(page.get_by_label("Token", exact=True)).to_be_visible()
    for _ in range(60):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.getAttribute('aria-label')") == "Token":
            break
    page.keyboard.type(filled.submitter)
    page.keyboard.press("Enter")
    expect(page.get_by_text("Signed in as")).to_be_visible()
    visit.drawn()
    expect(page.get_by_test_id("stFileUploaderDropzone")).to_be_visible()
    page.wait_for_timeout(1000)
    _chosen_by_keyboard(page).set_files(bundle("swad", tmp_path))
    expect(page.get_by_role("button", name="Remove swad.dgsub")).to_be_visible()
    expect(page.get_by_role("button", name="Submit it")).to_be_enabled()
    visit.drawn()
    _tab_to(page, "Submit it")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Accepted.")).to_be_visible()


def _chosen_by_keyboard(page: Page) -> FileChooser:
    """The file dialog. The page may be redrawn while the key is pressed, so try again."""
    for patience in (5_000, 10_000, 60_000):
        _tab_to(page, "Upload")
        try:
            with page.expect_file_chooser(timeout=patience) as waiting:
                page.keyboard.press("Enter")
            return waiting.value
        except Error:
            continue
    raise AssertionError("No dialog opens.")


def _tab_to(page: Page, name: str) -> None:
    for _ in range(80):
        page.keyboard.press("Tab")
        focused = "document.activeElement"
        is_button = page.evaluate(f"{focused}.tagName") == "BUTTON"
        if is_button and name in str(page.evaluate(f"{focused}.innerText")):
            return
    raise AssertionError(f"{name!r} cannot be reached with the tab key")
