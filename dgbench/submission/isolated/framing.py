"""Messages through a pipe: a length, a line of JSON, and bytes."""

import json
import struct
from collections.abc import Mapping
from typing import IO, Any

_LENGTHS = struct.Struct("<QQ")
_LARGEST = 2**28
"""Largest message, in bytes: a longer one is a defect."""


def send(stream: IO[bytes], head: Mapping[str, Any], body: bytes) -> None:
    """Write one message."""
    text = json.dumps(head).encode()
    stream.write(_LENGTHS.pack(len(text), len(body)) + text)
    stream.write(body)
    stream.flush()


def receive(stream: IO[bytes]) -> tuple[dict[str, Any], bytes] | None:
    """Read one message, or return None if the stream ends too early or the message is too long."""
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
