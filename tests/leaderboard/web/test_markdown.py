"""Text that strangers wrote is shown, never obeyed."""

import re

import pytest
from markdown_it import MarkdownIt

from leaderboard.web.markdown import is_safe_link, plain, restricted

HOSTILE = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "![x](https://evil.example/pixel.png)",
    "![x][ref]\n\n[ref]: https://evil.example/pixel.png",
    "[click](javascript:alert(1))",
    "[click](data:text/html,<script>alert(1)</script>)",
    "[click](http://evil.example)",
    "[click](//evil.example)",
    "<https://evil.example/auto>",
    "<javascript:alert(1)>",
    ":material/home: :red[x] :smile: :red-background[y]",
    "$\\href{javascript:alert(1)}{x}$ $$x$$",
    "`<b>` ``a`b`` ```\n<i>",
    "# Head <svg onload=alert(1)>",
    "- item ![x](https://evil.example/p.png)\n  - <iframe src=https://evil.example>",
    "| a | b |\n|---|---|\n| <b>x</b> | ![x](https://evil.example/p.png) |",
    "[^1]\n\n[^1]: <script>alert(1)</script>",
    "https://evil.example/bare www.evil.example",
]
# Streamlit reads Markdown with HTML escaped; here it is on, which is the harder case.
READER = MarkdownIt("commonmark", {"html": True}).enable("table").enable("strikethrough")


@pytest.mark.parametrize("text", HOSTILE)
def test_plain_text_is_one_paragraph_of_text(text: str) -> None:
    html = READER.render(plain(text))
    assert re.findall(r"<(?!/?p>)", html) == []


@pytest.mark.parametrize("text", HOSTILE)
def test_a_model_card_loads_and_runs_nothing(text: str) -> None:
    html = READER.render(restricted(text))
    assert not re.search(r"<(img|script|svg|iframe|b|i|table|object|embed)\b", html)
    links = re.findall(r'href="([^"]*)"', html)
    assert all(is_safe_link(link) for link in links)


@pytest.mark.parametrize("text", HOSTILE)
def test_directives_formulas_and_bare_links_are_escaped(text: str) -> None:
    shown = re.sub(r"^\s*`{3,}text\n(.*\n)*?\s*`{3,}$", "", restricted(text), flags=re.MULTILINE)
    shown = re.sub(r"\]\(<https:[^>]*>\)", "]", shown)
    for made in (plain(text), shown):
        assert not re.search(r"(?<!\\)[$:]", made)


@pytest.mark.parametrize(
    "text",
    ["https://evil.example/x", "HTTP://evil.example", "www.evil.example", "me@evil.example"],
)
def test_bare_addresses_do_not_become_links(text: str) -> None:
    # Streamlit's reader makes links of addresses in text after escapes were taken away.
    for made in (plain(text), restricted(text)):
        shown = made.replace("\\", "")
        assert not re.search(r"(?i)https?://|www\.|@\w", shown)


def test_permitted_markdown_of_a_model_card_survives() -> None:
    text = (
        "# Title\n\nA *b* **c** `d` [e](https://ok.example/f).\n\n- one\n  - two\n\n1. x\n\n"
        "```\ng <h>\n```"
    )
    html = READER.render(restricted(text))
    for piece in (
        "<h5>Title</h5>",
        "<em>b</em>",
        "<strong>c</strong>",
        'href="https://ok.example/f"',
        "<li>one\n<ul>\n<li>two</li>",
        "<ol>",
        "g &lt;h&gt;",
    ):
        assert piece in html


@pytest.mark.parametrize(
    ("link", "is_safe"),
    [
        ("https://example.org/a?b=c", True),
        ("https://user@example.org/", False),
        ("https:///x", False),
        ("http://example.org", False),
        ("javascript:alert(1)", False),
        ("https://example.org/a b", False),
        ("https://example.org/>x", False),
        ("https://[bad", False),
        ("", False),
    ],
)
def test_only_https_links_with_a_host_are_shown(link: str, *, is_safe: bool) -> None:
    assert is_safe_link(link) is is_safe
