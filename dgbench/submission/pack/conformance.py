"""Remembers the outcome of `dgbench check-method` by the digest of the method's source."""

import json
from importlib.metadata import version
from pathlib import Path

from platformdirs import user_cache_path

from data_gen.foundation.files import write_whole
from dgbench.submission.format.manifest import Conformance


def remember(source_digest: str, *, passed: bool) -> None:
    """Store the outcome for a source, in place of an earlier one."""
    outcome = Conformance(status="passed" if passed else "failed", version=version("dgbench"))
    write_whole(_path(source_digest), outcome.model_dump_json().encode() + b"\n")


def recall(source_digest: str) -> Conformance:
    """Return the last outcome for a source, or `unknown` if it was never checked."""
    try:
        return Conformance.model_validate(json.loads(_path(source_digest).read_bytes()))
    except (OSError, ValueError):
        return Conformance(status="unknown")


def _path(source_digest: str) -> Path:
    return user_cache_path("dgbench") / "conformance" / f"{source_digest}.json"
