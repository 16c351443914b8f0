"""The answers to a stranger's browser, a search engine and a messenger, before any script runs."""

import re
from html.parser import HTMLParser
from urllib.parse import parse_qs, urlsplit
from xml.etree import ElementTree as ET

import httpx
import pytest

from leaderboard.web.frame import STRIP
from leaderboard.web.pages import PAGES
from tests.leaderboard.api.servers import running

SCOPE = {"benchmark": ["mnist-color@1"], "track": ["standard"], "selection": ["fixed"]}


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """The address of a server below a path, as behind a proxy."""
    with running(tmp_path_factory.mktemp("door"), base_path="board") as (url, _):
        yield url.rstrip("/")


class Head(HTMLParser):
    """The title, the metadata and the links of a page."""

    def __init__(self, text):
        super().__init__()
        self.title, self.meta, self.links, self._is_title = "", {}, {}, False
        self.types = {}
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        self._is_title = tag == "title"
        if tag == "meta":
            self.meta[given.get("name") or given.get("property")] = given.get("content")
        if tag == "link":
            self.links[given["rel"]] = given["href"]
            self.types[given["href"]] = given.get("type")

    def handle_data(self, data):
        self.title += data if self._is_title else ""

    def handle_endtag(self, tag):
        self._is_title &= tag != "title"


@pytest.fixture(scope="module")
def heads(site):
    """The head of every page, by its path."""
    paths = [page.path for page in PAGES.values()]
    answers = {path: httpx.get(f"{site}/{path}", follow_redirects=True) for path in paths}
    assert {answer.status_code for answer in answers.values()} == {200}
    assert {answer.headers["cache-control"] for answer in answers.values()} == {"no-cache"}
    return {path: (Head(answer.text), answer.text) for path, answer in answers.items()}


def test_every_page_has_a_title_a_description_and_a_preview_of_its_own(site, heads):
    assert len({head.title for head, _ in heads.values()}) == len(heads)
    assert len({head.meta["description"] for head, _ in heads.values()}) == len(heads)
    for path, (head, _) in heads.items():
        assert "dgbench" in head.title
        assert head.meta["og:title"] == head.title
        assert head.meta["og:url"] == head.links["canonical"] == f"{site}/{path}"
        assert head.links["icon"] == "./favicon.png"
    strip = httpx.get(f"{site}/{STRIP}")
    assert (strip.status_code, strip.headers["content-type"]) == (200, "image/png")
    picture = httpx.get(heads[""][0].meta["og:image"])
    assert picture.headers["content-type"] == "image/png"
    width, height = (int.from_bytes(picture.content[start : start + 4]) for start in (16, 20))
    assert [str(width), str(height)] == [
        heads[""][0].meta[f"og:image:{side}"] for side in ("width", "height")
    ]


def test_a_feed_reader_finds_the_feed_from_every_page(site, heads):
    assert {head.links["alternate"] for head, _ in heads.values()} == {f"{site}/api/v1/feed"}
    answer = httpx.get(f"{site}/api/v1/feed")
    assert answer.status_code == 200
    for head, _ in heads.values():
        assert head.types[f"{site}/api/v1/feed"] == answer.headers["content-type"]


def test_nothing_that_is_served_calls_the_site_by_the_name_of_its_library(heads):
    for _, text in heads.values():
        # Names of its files are no text.
        assert "streamlit" not in re.sub(r'(href|src)="[^"]*"', "", text).lower()


def test_an_address_that_says_nothing_leads_to_one_that_says_everything(site):
    for path in ("", "cost", "rules"):
        answer = httpx.get(f"{site}/{path}")
        assert answer.status_code == 302
        assert answer.headers["cache-control"] == "no-store"
        target = urlsplit(answer.headers["location"])
        assert target.path == f"/board/{path}"
        assert parse_qs(target.query) == SCOPE
        assert httpx.get(f"{site}/{path}?{target.query}").status_code == 200


def test_an_address_keeps_what_it_says_even_where_that_is_wrong(site):
    answer = httpx.get(f"{site}/cost?track=%3Cb%3E&cost=x&cost=y")
    asked = parse_qs(urlsplit(answer.headers["location"]).query)
    assert asked == {**SCOPE, "track": ["<b>"], "cost": ["x", "y"]}


def test_an_address_of_a_board_from_when_it_was_the_first_page_leads_there(site):
    answer = httpx.get(f"{site}/?sort=MPS&track=all&as_of=2026-01-01", follow_redirects=True)
    assert answer.status_code == 200
    assert urlsplit(str(answer.url)).path == f"/board/{PAGES['leaderboard'].path}"
    assert parse_qs(urlsplit(str(answer.url)).query)["sort"] == ["MPS"]


def test_an_older_address_of_a_benchmark_leads_to_that_benchmark(site):
    answer = httpx.get(f"{site}/benchmarks?name=mnist-ladder%401")
    asked = parse_qs(urlsplit(answer.headers["location"]).query)
    assert asked["benchmark"] == ["mnist-ladder@1"]
    # A method may be called like a benchmark.
    answer = httpx.get(f"{site}/method?name=mnist-ladder%401")
    assert parse_qs(urlsplit(answer.headers["location"]).query)["benchmark"] != ["mnist-ladder@1"]


@pytest.mark.parametrize("query", ["q=" + "x" * 8_000, "&".join(["id=x"] * 501)])
def test_an_address_that_is_too_long_to_be_read_says_so(site, query):
    answer = httpx.get(f"{site}/board?{query}")
    assert answer.status_code == 414
    assert "This address is too long" in answer.text


@pytest.mark.parametrize(
    "path", ["nothing", "cost/more", "static/none.js", "metrics", "index.php", "%3Cscript%3E"]
)
def test_an_unknown_address_answers_404_with_a_way_back(site, path):
    answer = httpx.get(f"{site}/{path}")
    assert answer.status_code == 404
    assert answer.headers["content-type"].startswith("text/html")
    assert "<script" not in answer.text
    assert 'href="/board/"' in answer.text
    assert answer.headers["x-frame-options"] == "DENY"


def test_search_engines_are_told_what_to_read(site):
    robots = httpx.get(f"{site}/robots.txt")
    assert robots.headers["content-type"].startswith("text/plain")
    assert "Disallow: /board/moderation" in robots.text
    assert f"Sitemap: {site}/sitemap.xml" in robots.text
    tree = ET.fromstring(httpx.get(f"{site}/sitemap.xml").content)  # noqa: S314 (our own)
    listed = [place.text for place in tree.iter("{http://www.sitemaps.org/schemas/sitemap/0.9}loc")]
    assert f"{site}/" in listed
    assert f"{site}/mine" not in listed
    for address in listed:
        assert httpx.get(address, follow_redirects=True).status_code == 200


def test_a_ticket_that_nobody_made_gets_no_cookie(site):
    for ticket in ("", "x", "a.b.c.d", "é"):
        answer = httpx.get(f"{site}/sign-in", params={"ticket": ticket, "back": "//evil.example"})
        assert answer.status_code == 410
        assert "set-cookie" not in answer.headers
        assert "Sign in again" in answer.text
