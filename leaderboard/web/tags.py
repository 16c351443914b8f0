"""HTML that is written by hand, in which every text is escaped unless it is such HTML itself.

All markup of the pages comes from here: whatever a submitter wrote arrives as a plain text, and
leaves with nothing in it that a browser could take for a tag.
"""

from collections.abc import Iterable
from html import escape
from urllib.parse import urlencode

from leaderboard.web.markdown import in_place, is_safe_link

_VOID = frozenset({"input", "br"})
_NO_SCRIPT = ("on", "srcdoc", "formaction")


class Html(str):
    """Markup that may stand in a page as it is. Only this module makes it."""

    __slots__ = ()


def tag(name: str, *content: str, **attributes: str | float | None) -> Html:
    """Write an element. Content that is no `Html` is text, and is escaped.

    An attribute's name may end in `_` where it is a word of Python, and `_` stands for `-` in it.
    None leaves an attribute out.

    Example:
        >>> tag("b", "1 < 2", class_="small")
        '<b class="small">1 &lt; 2</b>'
    """
    if any(key.startswith(_NO_SCRIPT) for key in attributes):
        raise ValueError(f"{sorted(attributes)}: a page has no scripts in its markup.")
    written = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{escape(in_place(str(value)))}"'
        for key, value in attributes.items()
        if value is not None
    )
    if name in _VOID:
        return Html(f"<{name}{written}/>")
    return Html(f"<{name}{written}>{joined(content)}</{name}>")


def joined(parts: Iterable[str]) -> Html:
    """Write parts one after the other."""
    return Html(
        "".join(part if isinstance(part, Html) else escape(in_place(part)) for part in parts)
    )


def scrolled(table: Html, *, title: str) -> Html:
    """Put a table into a box of its own, which scrolls by keys too where the page is narrow."""
    return tag("div", table, class_="scroll", tabindex=0, role="region", aria_label=title)


def page_link(label: str, page: str, /, *, title: str = "", **query: str | None) -> Html:
    """Write a link to a page by its path, which the page follows without loading anew.

    Pages lie side by side, so a relative address is right under every base path.
    """
    asked = urlencode({key: value for key, value in query.items() if value})
    target = f"{page}?{asked}" if asked else page
    return tag("a", label, href=f"./{target}", data_open=target, title=title or None)


def outside_link(label: str, address: str | None, *, title: str = "", class_: str = "") -> Html:
    """Write a link to another site, or only its label where the address is not to be trusted."""
    if not address or not is_safe_link(address):
        return joined([label])
    return tag(
        "a",
        label,
        href=address,
        target="_blank",
        rel="noopener noreferrer",
        title=title or None,
        class_=class_ or None,
    )
