"""The reasons for refusing a bundle, each with a code and a hint."""

from collections.abc import Iterable
from enum import StrEnum, unique
from typing import Self

from typing_extensions import override

from data_gen.foundation.documents import Frozen
from data_gen.foundation.errors import DGBenchError
from dgbench.submission.format.members import (
    ENVIRONMENT,
    KIB,
    MANIFEST,
    MAX_BUNDLE_BYTES,
    MAX_MEMBER_BYTES,
    MIB,
    MODEL_CARD,
    PREDICTIONS,
)

N_KEYS = 5
"""Largest number of offending keys that a rejection shows."""
_KEY_LENGTH = 120


@unique
class Code(StrEnum):
    """Every reason for refusing a bundle, in the order of the checks."""

    hint: str
    """Advice on how to mend the bundle."""

    def __new__(cls, value: str, hint: str) -> Self:
        """Make a code with its hint."""
        self = str.__new__(cls, value)
        self._value_ = value
        self.hint = hint
        return self

    BUNDLE_SIZE = (
        "E_BUNDLE_SIZE",
        f"A bundle has at most {MAX_BUNDLE_BYTES // MIB} MiB. `dgbench bundle` compresses well "
        "below that.",
    )
    ZIP = ("E_ZIP", "Make the bundle with `dgbench bundle`, and send it as a binary file.")
    ZIP_LAYOUT = (
        "E_ZIP_LAYOUT",
        "Use a plain zip: no Zip64, no comment, nothing before, between or after its members.",
    )
    ZIP_NAME = (
        "E_ZIP_NAME",
        "The members are manifest.json, predictions.parquet and optionally model_card.md and "
        "environment.json, without a folder.",
    )
    ZIP_DUPLICATE = ("E_ZIP_DUPLICATE", "Give every member once.")
    ZIP_ENCRYPTED = ("E_ZIP_ENCRYPTED", "Make the bundle without a password.")
    ZIP_SYMLINK = (
        "E_ZIP_SYMLINK",
        "Put the files themselves into the bundle, without links or folders.",
    )
    ZIP_METHOD = ("E_ZIP_METHOD", "Store or deflate the members. No other compression is read.")
    ZIP_MEMBER_SIZE = (
        "E_ZIP_MEMBER_SIZE",
        f"{MANIFEST} and {ENVIRONMENT} have at most {MAX_MEMBER_BYTES[MANIFEST] // KIB} KiB, "
        f"{MODEL_CARD} {MAX_MEMBER_BYTES[MODEL_CARD] // KIB} KiB, "
        f"{PREDICTIONS} {MAX_MEMBER_BYTES[PREDICTIONS] // MIB} MiB.",
    )
    ZIP_RATIO = ("E_ZIP_RATIO", "A member may not unpack to more than 200 times its packed size.")
    ZIP_MISSING = ("E_ZIP_MISSING", "Add the member. `dgbench bundle` writes both that are needed.")
    ZIP_DAMAGED = (
        "E_ZIP_DAMAGED",
        "Sizes or checksum do not match the content. Make the bundle again, or send it again.",
    )
    ZIP_NESTED = ("E_ZIP_NESTED", "No member may itself be an archive or a compressed file.")
    JSON_ENCODING = ("E_JSON_ENCODING", "Write JSON as UTF-8 without a byte order mark.")
    JSON_SYNTAX = ("E_JSON_SYNTAX", "Write one JSON document and nothing else.")
    JSON_DEPTH = ("E_JSON_DEPTH", "Nest objects and lists at most 16 deep.")
    JSON_DUPLICATE = ("E_JSON_DUPLICATE", "Give every key of an object once.")
    JSON_NUMBER = (
        "E_JSON_NUMBER",
        "Numbers must be finite, and integers have at most 64 bits. Write null for unknown.",
    )
    TEXT = (
        "E_TEXT",
        "Text must be in Unicode form NFC, without control characters, invisible formatting or "
        "reversed writing directions. A string has at most 1,000 characters.",
    )
    SCHEMA_VERSION = (
        "E_SCHEMA_VERSION",
        "This dgbench reads versions 1 and 2 of the manifest. Install a newer dgbench.",
    )
    SCHEMA = (
        "E_SCHEMA",
        "The published JSON Schema says what a manifest holds: dgbench/submission/format/"
        "manifest.v2.schema.json.",
    )
    URL = ("E_URL", "Addresses begin with https:// and name a host, without a user or password.")
    MODEL_CARD = ("E_MODEL_CARD", "model_card.md is plain UTF-8 text in Markdown.")
    SEEDS = (
        "E_SEEDS",
        "List every seed once, in ascending order from 0 to 65535, each with its cost.",
    )
    BENCHMARK = (
        "E_BENCHMARK",
        "`dgbench benchmarks` lists the benchmarks. Submit to one whose reference values and "
        "digests are published.",
    )
    SPEC_DIGEST = (
        "E_SPEC_DIGEST",
        "The benchmark was changed. Train on the published one: `dgbench train METHOD NAME`.",
    )
    SOURCE_DIGEST = (
        "E_SOURCE_DIGEST",
        "Data from other source glyphs can be studied, but not submitted. Train without "
        "--source, or with the folder that holds the published files.",
    )
    GENERATOR_SEED = (
        "E_GENERATOR_SEED",
        "Data of another generator seed can be studied, but not submitted. Train without "
        "--data-seed.",
    )
    DOMAINS = ("E_DOMAINS", "Give exactly the test domains of the benchmark.")
    DATASET_DIGEST = (
        "E_DATASET_DIGEST",
        "The method was trained or evaluated on other images or labels than the published ones. "
        "Generate the data again and check them with `dgbench verify-data`.",
    )
    PARQUET = ("E_PARQUET", "Write predictions.parquet with `dgbench bundle`, or with pyarrow.")
    PARQUET_ROW_GROUPS = ("E_PARQUET_ROW_GROUPS", "Write at most 64 row groups.")
    PARQUET_COLUMNS = (
        "E_PARQUET_COLUMNS",
        "The columns are seed, domain, image_id, pred and optionally p0 to p<K-1>, in this order.",
    )
    PARQUET_TYPE = (
        "E_PARQUET_TYPE",
        "The types are seed uint16, domain string or dictionary of strings, image_id uint32, pred "
        "uint8, p0 to p<K-1> uint16. No column is nested.",
    )
    ROWCOUNT = ("E_ROWCOUNT", "Give one row for every seed, test domain and image.")
    NULL = ("E_NULL", "Give a value in every cell.")
    SEED = ("E_SEED", "Give predictions only for the seeds that the manifest lists.")
    DOMAIN = ("E_DOMAIN", "Use the canonical names of the test domains, as the manifest does.")
    IMAGE = ("E_IMAGE", "image_id is the index of the test image in the source.")
    DUP_KEY = ("E_DUP_KEY", "Give every (seed, domain, image_id) once.")
    MISSING_KEY = ("E_MISSING_KEY", "Give every (seed, domain, image_id) once.")
    CLASS_RANGE = ("E_CLASS_RANGE", "pred is a class number, from 0 to the number of classes - 1.")
    PROBABILITY_SUM = (
        "E_PROBABILITY_SUM",
        "Probabilities are multiples of 1/65535. Each row of p0 to p<K-1> sums to 65535, with a "
        "tolerance of K for rounding.",
    )
    PROBABILITY_ARGMAX = (
        "E_PROBABILITY_ARGMAX",
        "pred must be a class with the highest probability of its row.",
    )
    PREDICTIONS_DIGEST = (
        "E_PREDICTIONS_DIGEST",
        "Manifest and predictions do not belong together. Make the bundle again.",
    )
    MEMORY = (
        "E_MEMORY",
        "Scoring needs more memory than allowed. Make the bundle with `dgbench bundle`.",
    )
    TIME = ("E_TIME", "Scoring takes longer than allowed. Make the bundle with `dgbench bundle`.")
    CRASH = ("E_CRASH", "The scoring process crashed. Make the bundle with `dgbench bundle`.")


class Rejection(Frozen):
    """The reason for refusing one bundle."""

    code: Code
    message: str
    """Sentence that says what is wrong, with the values."""
    keys: tuple[str, ...] = ()
    """The first offending keys, at most five."""
    hint: str
    """Advice on how to mend the bundle."""

    @override
    def __str__(self) -> str:
        shown = f" First: {', '.join(self.keys)}." if self.keys else ""
        return f"{self.code.value}: {self.message}{shown} {self.hint}"


class RejectedError(DGBenchError):
    """Raised when a bundle is refused."""

    def __init__(self, rejection: Rejection) -> None:
        super().__init__(str(rejection))
        self.rejection = rejection


def rejected(code: Code, message: str, keys: Iterable[object] = ()) -> RejectedError:
    """Make the error for a code. Foreign text in keys is shortened and made printable."""
    shown = tuple(printable(str(key)) for key, _ in zip(keys, range(N_KEYS), strict=False))
    return RejectedError(Rejection(code=code, message=message, keys=shown, hint=code.hint))


def printable(text: str) -> str:
    """Shorten foreign text and make it ASCII, so that it can be part of a message."""
    plain = text.encode("ascii", "backslashreplace").decode("ascii")
    plain = "".join(c if c.isprintable() else f"\\x{ord(c):02x}" for c in plain)
    return plain if len(plain) <= _KEY_LENGTH else plain[: _KEY_LENGTH - 3] + "..."
