"""The newest entries as an Atom feed (RFC 4287), for readers who want to hear of them."""

from collections.abc import Sequence
from xml.etree import ElementTree as ET

from dgbench.standings.number_format import digits, percent
from dgbench.standings.words import STANDINGS, track
from leaderboard.records import Row

N_ENTRIES = 50
"""Entries of a feed, the newest first."""
MEDIA_TYPE = "application/atom+xml"
_NAMESPACE = "http://www.w3.org/2005/Atom"
_BEGINNING = "1970-01-01T00:00:00Z"
"""Time of the last change of a feed without entries."""


def feed(rows: Sequence[Row], *, site: str) -> bytes:
    """Write a feed of rows, the newest first, with links below the site's address."""
    root = ET.Element("feed", xmlns=_NAMESPACE)
    _text(root, "id", f"{site}/api/v1/feed")
    _text(root, "title", "dgbench: new entries")
    _text(root, "updated", rows[0].submitted_at if rows else _BEGINNING)
    ET.SubElement(root, "link", rel="self", href=f"{site}/api/v1/feed", type=MEDIA_TYPE)
    ET.SubElement(root, "link", rel="alternate", href=f"{site}/", type="text/html")
    _text(ET.SubElement(root, "author"), "name", "dgbench")
    for row in rows:
        _entry(root, row, site)
    return ET.tostring(root, encoding="utf-8", xml_declaration=True)


def _entry(root: ET.Element, row: Row, site: str) -> None:
    entry = ET.SubElement(root, "entry")
    _text(entry, "id", f"urn:dgbench:submission:{row.submission_id}")
    _text(entry, "title", f"{row.display_name or row.method} on {row.benchmark}")
    _text(entry, "published", row.submitted_at)
    _text(entry, "updated", row.submitted_at)
    href = f"{site}/submission?id={row.submission_id}"
    ET.SubElement(entry, "link", rel="alternate", href=href, type="text/html")
    for name in row.credited or (row.submitter,):
        _text(ET.SubElement(entry, "author"), "name", name)
    _text(entry, "summary", _summary(row))


def _summary(row: Row) -> str:
    """Say how the entry did, in a sentence."""
    score = row.headline
    show = percent if score.unit == "%" else digits(3)
    result = f"{score.title} {'-' if score.estimate is None else show(score.estimate)}"
    place = f"rank {row.rank}, tier {row.tier}" if row.rank else STANDINGS[row.standing].rstrip(".")
    return f"{result}; {place}. Track: {track(row.uses)}. Submitted by {row.submitter}."


def _text(parent: ET.Element, name: str, text: str) -> None:
    """Write an element with a text, without the characters that XML cannot have."""
    ET.SubElement(parent, name).text = "".join(
        letter if letter.isprintable() else " " for letter in text
    )
