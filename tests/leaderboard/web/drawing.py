"""Draws a page without a browser, and presses its buttons."""

import json
from collections.abc import Iterator
from functools import cache
from xml.etree import ElementTree as ET

from streamlit.components.v2 import manifest_scanner
from streamlit.testing.v1 import AppTest

# Streamlit looks for components in all installed packages whenever a test draws a page, which takes
# nine times as long as the page.
manifest_scanner.scan_component_manifests = cache(  # type: ignore[assignment]
    manifest_scanner.scan_component_manifests
)

NAMES = {"my_submissions": "mine"}
"""The name of a page where its screen has another."""


def draw(page: str, /, **query: str | list[str]) -> AppTest:
    """A page, drawn as the app draws it."""
    source = (
        f"from leaderboard.web.screens import {page}\n"
        "import streamlit as st\n"
        "from leaderboard.web import frame, links\n"
        "from leaderboard.web.pages import PAGES\n"
        "pages = {n: st.Page(lambda: None, title=n, url_path=n) for n in PAGES}\n"
        f"links.keep(pages, pages[{NAMES.get(page, page)!r}])\n"
        "st.navigation(list(pages.values()), position='hidden')\n"
        "frame.head()\n"
        f"{page}.page()\n"
        "frame.foot()\n"
    )
    app = AppTest.from_string(source, default_timeout=60)
    for name, value in query.items():
        app.query_params[name] = value
    return app.run()


def signed_in(page: str, secret: str) -> AppTest:
    app = draw(page)
    app.text_input[0].input(secret)
    return press(app, "Sign in with the token")


def press(app: AppTest, label: str) -> AppTest:
    next(button for button in app.button if button.label == label).click()
    app.run()
    assert not app.exception
    return app


def tables(app: AppTest) -> list[ET.Element]:
    """The HTML that a page shows, each the root of a tree."""
    # A style sheet is such a component too, but without data.
    views = [view for view in app.get("bidi_component") if view.proto.json]
    return [ET.fromstring(json.loads(view.proto.json)["html"]) for view in views]  # noqa: S314


def words(element: ET.Element) -> str:
    """The text of an element that is read out, without its markup."""
    return " ".join(" ".join(_texts(element)).split())


def _texts(element: ET.Element) -> Iterator[str]:
    if element.get("aria-hidden") != "true":
        yield element.text or ""
        for child in element:
            yield from _texts(child)
            yield child.tail or ""


def lines(app: AppTest, which: int = 0) -> list[dict[str, str]]:
    """The rows of a table, without the lines between them: the text of each cell by its head."""
    trees = tables(app)
    return lines_of(trees[which]) if which < len(trees) else []


def lines_of(tree: ET.Element) -> list[dict[str, str]]:
    """The same of a tree."""
    heads = _heads(tree)
    rows = [row for row in tree.iterfind(".//tbody/tr") if row.get("class") != "part"]
    return [dict(zip(heads, map(words, row), strict=True)) for row in rows]


def _heads(tree: ET.Element) -> list[str]:
    first, *others = tree.iterfind(".//thead/tr")
    below = [words(cell) for row in others for cell in row]
    heads: list[str] = []
    for cell in first:
        if cell.get("class") != "group":
            heads.append(words(cell))
            continue
        letter = words(cell).partition("(")[2].rstrip(")")
        heads += [f"{letter} {below.pop(0)}" for _ in range(int(cell.get("colspan", "1")))]
    return heads


def methods(app: AppTest) -> list[str]:
    """The methods that the first table names, in its order."""
    trees = tables(app)
    return [words(name) for name in trees[0].iterfind(".//*[@class='method']")] if trees else []
