"""A strict JSON parser for untrusted bytes: short strings, shallow nesting, finite numbers."""

import json
import math
import re
import unicodedata
from collections.abc import Iterator
from typing import Any, NoReturn

from dgbench.submission.format.rejection import Code, printable, rejected

MAX_DEPTH = 16
"""Deepest nesting of objects and lists."""
_MAX_INTEGER = 2**63
_MAX_DIGITS = 20
"""Longest integer that is converted at all, in characters."""
MAX_TEXT = 1000
"""Longest string, in characters."""
_FORBIDDEN = {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"}
"""Unicode categories: control, invisible formatting (including bidi), surrogates, private use, line
and paragraph separators. Unassigned code points pass, so that old and new Pythons agree."""
_NONCHARACTERS = range(0xFDD0, 0xFDF0)
_LAST_OF_PLANE = 0xFFFE
"""Low bits of the last two code points of every plane, which are noncharacters as well."""
_STRING = re.compile(rb'"(?:[^"\\]|\\.)*"', re.DOTALL)
_BRACKET = re.compile(rb"[][{}]")


def parse(data: bytes, *, name: str) -> Any:
    """Parse the JSON document called `name`.

    Raises RejectedError unless it is UTF-8 without a byte order mark, without duplicate keys, and
    within the limits above.
    """
    if data.startswith(b"\xef\xbb\xbf"):
        raise rejected(Code.JSON_ENCODING, f"{name} begins with a byte order mark.")
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise rejected(Code.JSON_ENCODING, f"{name} is not UTF-8 at byte {error.start}.") from error
    _check_depth(data, name)
    try:
        document = json.loads(
            text,
            object_pairs_hook=lambda pairs: _unique(pairs, name),
            parse_constant=lambda word: _refuse_number(word, name),
            parse_float=lambda word: _finite(word, name),
            parse_int=lambda word: _integer(word, name),
        )
    except json.JSONDecodeError as error:
        raise rejected(
            Code.JSON_SYNTAX,
            f"{name} is not JSON at line {error.lineno}, column {error.colno}: {error.msg}.",
        ) from error
    for where, value in strings(document):
        if len(value) > MAX_TEXT:
            raise rejected(
                Code.TEXT, f"{name} at {printable(where)} has a string of {len(value)} characters."
            )
        if not (value.isascii() and value.isprintable()):
            check_text(value, f"{name} at {printable(where) or 'its top'}")
    return document


def check_text(text: str, where: str, *, allowed: str = "") -> None:
    """Raise RejectedError if a text has invisible or reordering characters or is not in NFC."""
    bad = [c for c in text if _is_forbidden(c) and c not in allowed]
    if bad:
        raise rejected(Code.TEXT, f"{where} holds the character U+{ord(bad[0]):04X}.")
    if not unicodedata.is_normalized("NFC", text):
        raise rejected(Code.TEXT, f"{where} is not in Unicode form NFC.")


def _is_forbidden(character: str) -> bool:
    code = ord(character)
    return (
        unicodedata.category(character) in _FORBIDDEN
        or code in _NONCHARACTERS
        or code & _LAST_OF_PLANE == _LAST_OF_PLANE
    )


def strings(document: Any, where: str = "") -> Iterator[tuple[str, str]]:
    """Yield every string of a document, including keys, after the path to it."""
    if isinstance(document, str):
        yield where, document
    elif isinstance(document, dict):
        for key, value in document.items():
            yield where, key
            yield from strings(value, f"{where}.{key}" if where else key)
    elif isinstance(document, list):
        for index, value in enumerate(document):
            yield from strings(value, f"{where}[{index}]")


def _check_depth(data: bytes, name: str) -> None:
    """Count brackets outside strings, because the parser recurses into them."""
    depth = 0
    for bracket in _BRACKET.findall(_STRING.sub(b"", data)):
        depth += 1 if bracket in b"[{" else -1
        if depth > MAX_DEPTH:
            raise rejected(Code.JSON_DEPTH, f"{name} is nested more than {MAX_DEPTH} deep.")


def _unique(pairs: list[tuple[str, Any]], name: str) -> dict[str, Any]:
    members: dict[str, Any] = {}
    for key, value in pairs:
        if key in members:
            raise rejected(Code.JSON_DUPLICATE, f"{name} has the same key twice.", [key])
        members[key] = value
    return members


def _refuse_number(word: str, name: str) -> NoReturn:
    raise rejected(
        Code.JSON_NUMBER, f"{name} holds {printable(word)}, which is not a finite number."
    )


def _finite(word: str, name: str) -> float:
    value = float(word)
    if not math.isfinite(value):
        _refuse_number(word, name)
    return value


def _integer(word: str, name: str) -> int:
    if len(word) > _MAX_DIGITS or not -_MAX_INTEGER <= int(word) < _MAX_INTEGER:
        _refuse_number(word, name)
    return int(word)
