"""The server's own start page: Streamlit's scripts below a head of the site's."""

import re
from functools import cache
from html import escape
from pathlib import Path

from dgbench.standings.writers.page import page as whole_page
from leaderboard.export.feed import FEED, MEDIA_TYPE, TITLE
from leaderboard.web.pages import SENTENCE, SITE, PageFacts

_TITLE = re.compile(r"<title>.*?</title>", re.DOTALL)
_ICON = re.compile(r'<link rel="shortcut icon"[^>]*>')
_NOSCRIPT = re.compile(r"<noscript>.*?</noscript>", re.DOTALL)
_AGENTS = re.compile(r'<link rel="service-desc"[^>]*>')
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
ASSETS = Path(__file__).parents[1] / "web" / "assets"
"""The folder of the site's pictures and style sheets."""
PREVIEW_SIZE = (1200, 630)
"""Pixels of the preview picture, as those who show links ask for them."""


def start_page(index: str, page: PageFacts, *, site: str, address: str) -> str:
    """Write the start page of a page. `index` is Streamlit's, `site` the address of the site."""
    is_first = not page.path
    title = f"{SITE}: {SENTENCE}" if is_first else f"{page.title} - {SITE}"
    head = _head(title, page.description, site=site, address=address)
    text = _COMMENT.sub("", index)
    text = _ICON.sub('<link rel="icon" type="image/png" href="./favicon.png">', text)
    text = _AGENTS.sub("", text)
    text = _NOSCRIPT.sub(lambda _: _without_script(page), text)
    return _TITLE.sub(lambda _: head, text, count=1).strip() + "\n"


def message_page(title: str, sentence: str, *, home: str) -> str:
    """Write a page with one sentence and the way back, which needs no script."""
    style = (
        "body { font: 17px/1.5 system-ui, sans-serif; margin: 12vh auto; max-width: 34rem;"
        " padding: 0 1rem; color: #0d131c; background: #fff; } a { color: #005a8f; }"
        " @media (prefers-color-scheme: dark) { body { color: #e4e9f0; background: #11161d; }"
        " a { color: #7cc4f0; } }"
    )
    body = (
        f"<h1>{escape(title)}</h1><p>{escape(sentence)}</p>"
        f'<p><a href="{escape(home)}">{SITE}: to the leaderboard</a></p>'
    )
    return whole_page(f"{title} - {SITE}", body, style=style)


def _head(title: str, description: str, *, site: str, address: str) -> str:
    width, height = map(str, PREVIEW_SIZE)
    properties = {
        "og:site_name": SITE,
        "og:type": "website",
        "og:title": title,
        "og:description": description,
        "og:url": address,
        "og:image": f"{site}/preview.png",
        "og:image:width": width,
        "og:image:height": height,
        "og:image:alt": "One digit in every test domain of a benchmark.",
    }
    names = {"description": description, "twitter:card": "summary_large_image"}
    return "\n    ".join(
        [
            f"<title>{escape(title)}</title>",
            *(f'<meta name="{name}" content="{escape(text)}">' for name, text in names.items()),
            *(
                f'<meta property="{name}" content="{escape(text)}">'
                for name, text in properties.items()
            ),
            f'<link rel="canonical" href="{escape(address)}">',
            f'<link rel="alternate" type="{MEDIA_TYPE}" title="{escape(TITLE)}" '
            f'href="{escape(site + FEED)}">',
            f"<style>{_style()}</style>",
        ]
    )


@cache
def _style() -> str:
    return (ASSETS / "page.css").read_text(encoding="utf-8")


def _without_script(page: PageFacts) -> str:
    return (
        f"<noscript><h1>{escape(page.title)}</h1><p>{escape(page.description)}</p>"
        "<p>This page needs JavaScript. The same tables are at "
        '<a href="./api/v1/openapi.json">the HTTP API</a>.</p></noscript>'
    )
