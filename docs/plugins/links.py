"""Replaces links to files outside the docs by the names of those files.

On a disk or a code host such links lead to the file, but a site has only the pages.
"""

import re
from typing import Any

_OUTSIDE = re.compile(r"(?<!!)\[([^\]]+)\]\(\.\./([^)#\s]+)\)")


def on_page_markdown(markdown: str, **_: Any) -> str:
    """Rewrite the source of a page. mkdocs calls this function for each page."""
    return _OUTSIDE.sub(_named, markdown)


def _named(link: re.Match[str]) -> str:
    text, path = link[1], link[2]
    return text if path.endswith(text.strip("`")) else f"{text} (`{path}` in the sources)"
