"""Rows as CSV that a spreadsheet opens without running anything."""

import csv
import io
import re
from collections.abc import Iterable, Sequence

_FORMULA = ("=", "+", "-", "@")
"""A spreadsheet takes a text that begins with one of these for a formula."""


def csv_text(heads: Sequence[str], lines: Iterable[Sequence[object]]) -> str:
    """Write rows as lines. An apostrophe disarms a text that a spreadsheet would run."""
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(map(_harmless, heads))
    for cells in lines:
        writer.writerow(map(_harmless, cells))
    return stream.getvalue()


def _harmless(value: object) -> object:
    if not isinstance(value, str):
        return value
    text = re.sub(r"[\t\r\n]", " ", value)
    return f"'{text}" if text.lstrip().startswith(_FORMULA) or text != value else text
