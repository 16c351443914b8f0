"""The newest entries as an Atom feed (RFC 4287), for readers who want to hear of them."""

from collections.abc import Sequence
from html import escape

from dgbench.standings.number_format import digits, percent
from dgbench.standings.words import STANDINGS, track
from leaderboard.records import Row

N_ENTRIES = 50
"""Entries of a feed, the newest first."""
MEDIA_TYPE = "application/atom+xml"
TITLE = "dgbench: new entries"
FEED = "/api/v1/feed"
"""Where the feed is, below the site's address."""
_NAMESPACE = "http://www.w3.org/2005/Atom"
_DECLARATION = '<?xml version="1.0" encoding="utf-8"?>\n'
_BEGINNING = "1970-01-01T00:00:00Z"
"""Time of the last change of a feed without entries."""


def feed(rows: Sequence[Row], *, site: str) -> bytes:
    """Write a feed of rows, the newest first, with links below the site's address."""
    address = f"{site}{FEED}"
    parts = [
        _text("id", address),
        _text("title", TITLE),
        _text("updated", rows[0].submitted_at if rows else _BEGINNING),
        _link("self", address, MEDIA_TYPE),
        _link("alternate", f"{site}/", "text/html"),
        _author("dgbench"),
        *(_entry(row, site) for row in rows),
    ]
    return f"{_DECLARATION}<feed xmlns={_NAMESPACE!r}>{''.join(parts)}</feed>\n".encode()


def _entry(row: Row, site: str) -> str:
    parts = [
        _text("id", f"urn:dgbench:submission:{row.submission_id}"),
        _text("title", f"{row.display_name or row.method} on {row.benchmark}"),
        _text("published", row.submitted_at),
        _text("updated", row.submitted_at),
        _link("alternate", f"{site}/submission?id={row.submission_id}", "text/html"),
        *map(_author, row.credited or (row.submitter,)),
        _text("summary", _summary(row)),
    ]
    return f"<entry>{''.join(parts)}</entry>\n"


def _summary(row: Row) -> str:
    """Say how the entry did, in a sentence."""
    score = row.headline
    show = percent if score.unit == "%" else digits(3)
    result = f"{score.title} {'-' if score.estimate is None else show(score.estimate)}"
    place = f"rank {row.rank}, tier {row.tier}" if row.rank else STANDINGS[row.standing].rstrip(".")
    return f"{result}; {place}. Track: {track(row.uses)}. Submitted by {row.submitter}."


def _author(name: str) -> str:
    return f"<author>{_text('name', name)}</author>"


def _link(rel: str, href: str, media_type: str) -> str:
    return f'<link rel="{rel}" href="{escape(href)}" type="{media_type}"/>'


def _text(name: str, text: str) -> str:
    """Write an element with a text, without the characters that XML cannot have."""
    printable = "".join(letter if letter.isprintable() else " " for letter in text)
    return f"<{name}>{escape(printable)}</{name}>"
