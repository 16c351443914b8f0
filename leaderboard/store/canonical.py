"""JSON with one form a value, so that equal records have equal bytes and digests."""

import hashlib
import json


def canonical(value: object) -> str:
    """Sorted keys, no spaces, no NaN."""
    return json.dumps(
        value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
    )


def digest_of(text: str) -> str:
    """SHA-256 of a text."""
    return hashlib.sha256(text.encode()).hexdigest()
