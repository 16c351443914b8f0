"""Sign verification records with an Ed25519 key of the verifier's own, and check signatures."""

import os
import stat
from pathlib import Path

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from platformdirs import user_config_path

from data_gen.foundation.errors import DGBenchError
from data_gen.foundation.files import write_once
from dgbench.verification.record import VerificationRecord

KEY = "verifier-key.pem"


def key_path() -> Path:
    """Default path of the verifier's key."""
    return user_config_path("dgbench", appauthor=False) / KEY


def load_key(path: Path | None = None) -> Ed25519PrivateKey:
    """Load the verifier's key, or make it on first use. Only its owner may be able to read it."""
    place = path or key_path()
    try:
        if not place.exists():
            _make(place)
        mode = stat.S_IMODE(place.stat().st_mode)
        if os.name == "posix" and mode & 0o077:
            raise DGBenchError(
                f"The key {str(place)!r} has mode {mode:04o}, so that others can read or change "
                f"it. Run: chmod 600 {place}"
            )
        key = load_pem_private_key(place.read_bytes(), password=None)
    except OSError as error:
        raise DGBenchError(
            f"The key {str(place)!r} cannot be used: {error.strerror}. Name another with --key."
        ) from error
    except (TypeError, ValueError, UnsupportedAlgorithm) as error:
        raise DGBenchError(
            f"{str(place)!r} is not a private key without a password. Name another with --key, or "
            "move it away; a new one is then made."
        ) from error
    if not isinstance(key, Ed25519PrivateKey):
        raise DGBenchError(f"The key {str(place)!r} is not of Ed25519. Name another with --key.")
    return key


def public_key_of(key: Ed25519PrivateKey) -> str:
    """Return the public half, which a store is told to trust, as 64 hexadecimal digits."""
    return key.public_key().public_bytes_raw().hex()


def sign(record: VerificationRecord, key: Ed25519PrivateKey) -> VerificationRecord:
    """Return the record with the key's public half and its signature."""
    unsigned = record.model_copy(update={"public_key": public_key_of(key), "signature": ""})
    return unsigned.model_copy(update={"signature": key.sign(_message(unsigned)).hex()})


def check_signature(record: VerificationRecord) -> None:
    """Raise DGBenchError if the record is not as its public key signed it.

    The caller decides whether that key is trusted.
    """
    if not record.public_key or not record.signature:
        raise DGBenchError("The verification record is not signed. Make it with `dgbench verify`.")
    try:
        public = Ed25519PublicKey.from_public_bytes(bytes.fromhex(record.public_key))
        public.verify(bytes.fromhex(record.signature), _message(record))
    except (InvalidSignature, ValueError) as error:
        raise DGBenchError(
            f"The verification record is not as the key {record.public_key} signed it: it was "
            "changed, or signed by another key. Ask the verifier for the original."
        ) from error


def _message(record: VerificationRecord) -> bytes:
    return record.model_copy(update={"signature": ""}).canonical


def _make(place: Path) -> None:
    """Write a new key. If two processes do so at once, the first one's stays."""
    key = Ed25519PrivateKey.generate()
    text = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    place.parent.mkdir(parents=True, exist_ok=True)
    write_once(place, text, mode=0o600)
