"""Links of the pages to files outside the docs become the names of those files.

On a disk or a code host such links lead to the file; a site has only the pages.
"""

import re
from typing import Any

_OUTSIDE = re.compile(r"(?<!!)\[([^\]]+)\]\(\.\./([^)#\s]+)\)")


def on_page_markdown(markdown: str, **_: Any) -> str:
    """Called by mkdocs with the source of each page."""
    return _OUTSIDE.sub(_named, markdown)


def _named(found: re.Match[str]) -> str:
    text, path = found[1], found[2]
    return text if path.endswith(text.strip("`")) else f"{text} (`{path}` in the sources)"
