"""Commit and reveal: seeds that neither a submitter nor a verifier could choose.

The keeper of the submissions draws a nonce, publishes its SHA-256 and shows the nonce later. The
seeds follow from the nonce and the submission's id, so the submitter cannot tune for them, and the
verifier cannot pick convenient ones: everybody can work them out again.
"""

import hashlib
import secrets
from typing import NamedTuple

from data_gen.foundation.documents import digest_of
from data_gen.foundation.errors import UsageError

_BITS = 31
_NONCE_BYTES = 32


class FreshPair(NamedTuple):
    """The two seeds of a fresh run."""

    generator_seed: int
    seed: int


def new_nonce() -> str:
    """Draw a nonce of 64 hexadecimal digits."""
    return secrets.token_hex(_NONCE_BYTES)


def commitment_of(nonce: str) -> str:
    """Compute the commitment, which is published before the nonce is shown."""
    return digest_of(_checked(nonce))


def fresh_pairs(nonce: str, submission_id: str, n: int, *, not_seed: int) -> tuple[FreshPair, ...]:
    """Derive the first `n` pairs of generator and training seed, without the official one."""
    pairs: list[FreshPair] = []
    number = 0
    while len(pairs) < n:
        generator = _draw(nonce, submission_id, "generator", number)
        pair = FreshPair(generator, _draw(nonce, submission_id, "training", number))
        number += 1
        if generator != not_seed and all(generator != other.generator_seed for other in pairs):
            pairs.append(pair)
    return tuple(pairs)


def pick(nonce: str, submission_id: str, seeds: tuple[int, ...]) -> int:
    """Pick one of a claim's seeds to be replayed."""
    ordered = sorted(seeds)
    return ordered[_draw(nonce, submission_id, "replay", 0) % len(ordered)]


def _draw(nonce: str, submission_id: str, what: str, number: int) -> int:
    text = f"dgbench verification 1|{submission_id}|{what}|{number}|".encode()
    word = hashlib.sha256(text + _checked(nonce)).digest()
    return int.from_bytes(word[:8], "big") >> (64 - _BITS)


def _checked(nonce: str) -> bytes:
    try:
        value = bytes.fromhex(nonce)
    except ValueError:
        value = b""
    if len(value) != _NONCE_BYTES or value.hex() != nonce:
        raise UsageError(f"The nonce {nonce[:80]!r} is not {2 * _NONCE_BYTES} hexadecimal digits.")
    return value
