"""The Atom feed holds to RFC 4287 and says who is new, whatever names are in it."""

from datetime import datetime
from urllib.parse import urlsplit
from xml.etree import ElementTree as ET

import pytest

from leaderboard.export.feed import feed
from tests.leaderboard.synthetic import bundle
from tests.leaderboard.web.made import row

ATOM = "{http://www.w3.org/2005/Atom}"
KNOWN = {
    "feed": {"id", "title", "updated", "link", "author", "entry"},
    "entry": {"id", "title", "published", "updated", "link", "author", "summary"},
}
HOSTILE = ("</title><script>alert(1)</script>", "a & b < c", "\u202eleft", "\x00\x08null", "]]>")


def checked(data: bytes) -> ET.Element:
    """Parse a feed, and hold it to what RFC 4287, 4.1 asks of feeds and entries."""
    root = ET.fromstring(data)  # noqa: S314
    assert root.tag == f"{ATOM}feed"
    for element, name in [(root, "feed"), *((e, "entry") for e in root.iter(f"{ATOM}entry"))]:
        children = [child.tag.removeprefix(ATOM) for child in element]
        assert set(children) <= KNOWN[name]
        for once in ("id", "title", "updated"):
            assert children.count(once) == 1
        for person in element.iterfind(f"{ATOM}author"):
            assert [child.tag for child in person] == [f"{ATOM}name"]
        assert element.find(f"{ATOM}author") is not None
        links = [
            (link.get("rel"), link.get("href", "")) for link in element.iterfind(f"{ATOM}link")
        ]
        assert all(urlsplit(href).scheme in ("http", "https") for _, href in links)
        assert [rel for rel, _ in links].count("alternate") == 1
        for time in (*element.iterfind(f"{ATOM}updated"), *element.iterfind(f"{ATOM}published")):
            assert datetime.fromisoformat(str(time.text)).tzinfo is not None
        assert urlsplit(text(element, "id")).scheme
    assert len({e.text for e in root.iter(f"{ATOM}id")}) == len(list(root.iter(f"{ATOM}id")))
    return root


def text(element: ET.Element, name: str) -> str:
    return str(element.findtext(f"{ATOM}{name}"))


def test_an_empty_feed_and_a_full_one_are_valid() -> None:
    assert checked(feed([], site="https://board.example")).find(f"{ATOM}entry") is None
    rows = [row(), row(submission_id="b" * 32, authors=(), rank=None, tier=None)]
    root = checked(feed(rows, site="https://board.example/x"))
    first, second = root.iter(f"{ATOM}entry")
    assert text(first, "title") == "PRCL on mnist-color@1"
    assert text(first, "summary").startswith("HPS 0.621; rank 1, tier 1.")
    assert text(second.find(f"{ATOM}author"), "name") == "alice"  # type: ignore[arg-type]
    link = first.find(f"{ATOM}link")
    assert link is not None
    assert link.get("href") == f"https://board.example/x/submission?id={'a' * 32}"


@pytest.mark.parametrize("name", HOSTILE)
def test_names_with_markup_are_text(name: str) -> None:
    root = checked(feed([row(display_name=name, authors=(name,))], site="https://b.example"))
    entry = root.find(f"{ATOM}entry")
    assert entry is not None
    assert (
        text(entry, "title").split(" on ")[0].strip()
        == "".join(letter if letter.isprintable() else " " for letter in name).strip()
    )


def test_a_feed_without_an_author_is_caught() -> None:
    broken = feed([row()], site="https://b.example").replace(b"author>", b"autor>")
    with pytest.raises(AssertionError):
        checked(broken)


def test_the_server_answers_with_the_newest_first(api, service) -> None:
    from leaderboard.records import OPERATOR

    for name in ("erm", "prcl"):
        service.receive(bundle(name), OPERATOR)
    answer = api.get("/api/v1/feed")
    assert answer.headers["content-type"].startswith("application/atom+xml")
    root = checked(answer.content)
    assert [text(entry, "title") for entry in root.iter(f"{ATOM}entry")] == [
        "prcl on mnist-color@1",
        "erm on mnist-color@1",
    ]
    assert [row.method for row in service.newest(1)] == ["prcl"]
