"""Messages through a pipe: a length, a line of JSON, and bytes."""

import json
import struct
from collections.abc import Mapping
from typing import IO, Any

_LENGTHS = struct.Struct("<QQ")
_LARGEST = 2**28
"""Bytes of a message: more is a defect, not a message."""


def send(stream: IO[bytes], head: Mapping[str, Any], body: bytes) -> None:
    """Write one message."""
    text = json.dumps(head).encode()
    stream.write(_LENGTHS.pack(len(text), len(body)) + text)
    stream.write(body)
    stream.flush()


def receive(stream: IO[bytes]) -> tuple[dict[str, Any], bytes] | None:
    """Read one message; None where the stream ends before its end."""
    start = stream.read(_LENGTHS.size)
    if len(start) < _LENGTHS.size:
        return None
    n_head, n_body = _LENGTHS.unpack(start)
    if n_head + n_body > _LARGEST:
        return None
    text, body = stream.read(n_head), stream.read(n_body)
    if len(text) < n_head or len(body) < n_body:
        return None
    return json.loads(text), body
