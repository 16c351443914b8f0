"""Text that strangers wrote, made harmless for Streamlit's Markdown.

Plain text stays plain: every character that Markdown, a directive, a formula or an emoji code could
begin with is escaped. A model card may use headings, lists, emphasis, code and https links; images
become their description, and HTML is shown as text.
"""

import re
from collections.abc import Iterator, Sequence
from urllib.parse import urlsplit

from markdown_it import MarkdownIt
from markdown_it.token import Token

_SPECIAL = re.compile(r"([\\`*_{}\[\]()<>#+\-.!|~$:&\"'^=@/])")
_LINKED = re.compile(r"(?i)(https?:(?=//)|www(?=\.)|@(?=[\w-]+\.))")
"""Text that the page would turn into links even if it is escaped."""
_JOINER = "\u2060"
"""A character without width, at which no word is broken and no link begins."""
_TURNS = re.compile("[\u200e\u200f\u202a-\u202e\u2066-\u2069]")
"""Characters that turn the direction of all text after them, also of what is not theirs."""
_MARKS = {"strong_open": "**", "strong_close": "**", "em_open": "*", "em_close": "*"}
_INDENT = "    "


def plain(text: str) -> str:
    """Escape text so that it shows as it is, in one line."""
    return _escaped(in_place(" ".join(text.split())))


def in_place(text: str) -> str:
    """Take out what would turn the direction of the text around it."""
    return _TURNS.sub("", text)


def _escaped(text: str) -> str:
    return _SPECIAL.sub(r"\\\1", _LINKED.sub(rf"\1{_JOINER}", text))


def is_safe_link(link: str) -> bool:
    """Tell whether a link may be shown: https with a host, no user name, nothing to misread."""
    try:
        parts = urlsplit(link)
        return (
            parts.scheme == "https"
            and bool(parts.hostname)
            and "@" not in parts.netloc
            and re.fullmatch(r"[!#-;=?-Z_a-z~\[\]%]+", link) is not None
        )
    except ValueError:
        return False


def restricted(text: str) -> str:
    """Rewrite a model card as Markdown that can neither load nor run anything."""
    tokens = MarkdownIt("commonmark", {"html": False}).parse(text)
    writer = _Writer()
    for token in tokens:
        writer.block(token)
    return "\n".join(writer.lines)


class _Writer:
    """Writes blocks as Markdown, in which lists stay lists and all else begins at the left edge."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self._lists: list[str] = []
        self._prefix = ""

    def block(self, token: Token) -> None:
        """Write one block token, or remember what it begins."""
        if token.type in ("fence", "code_block"):
            self.lines += _code(token.content, indent=_INDENT * len(self._lists))
        elif token.type == "inline":
            self._text(_inline(token.children or []))
        elif token.type == "heading_open":
            self._prefix = "##### "
        elif token.type == "list_item_open":
            self._prefix = _INDENT * (len(self._lists) - 1) + self._lists[-1]
        else:
            self._list(token.type)

    def _list(self, kind: str) -> None:
        if kind in ("bullet_list_open", "ordered_list_open"):
            self._lists.append("- " if kind.startswith("bullet") else "1. ")
        elif kind in ("bullet_list_close", "ordered_list_close"):
            self._lists.pop()
            self.lines.append("")

    def _text(self, text: str) -> None:
        self.lines.append(self._prefix + text)
        self._prefix = _INDENT * len(self._lists)
        if not self._lists:
            self.lines.append("")


def _code(text: str, *, indent: str) -> Iterator[str]:
    fence = "`" * (max((len(run) for run in re.findall("`+", text)), default=0) + 3)
    yield f"{indent}{fence}text"
    for line in text.rstrip("\n").split("\n"):
        yield indent + line
    yield f"{indent}{fence}"
    yield ""


def _inline(tokens: Sequence[Token]) -> str:
    parts: list[str] = []
    links: list[str | None] = []
    for token in tokens:
        if token.type == "link_open":
            target = str(token.attrGet("href") or "")
            links.append(target if is_safe_link(target) else None)
            parts.append("[" if links[-1] else "")
        elif token.type == "link_close":
            target_or_none = links.pop()
            parts.append(f"](<{target_or_none}>)" if target_or_none else "")
        else:
            parts.append(_leaf(token))
    return "".join(parts)


def _leaf(token: Token) -> str:
    if token.type in _MARKS:
        return _MARKS[token.type]
    if token.type in ("softbreak", "hardbreak"):
        return " "
    if token.type == "image":
        return plain(f"(picture: {token.content})")
    text = _escaped(token.content)
    return f"*{text}*" if token.type == "code_inline" and token.content.strip() else text
