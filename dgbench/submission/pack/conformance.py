"""What `dgbench check-method` found, remembered by the digest of the method's source."""

import json
from importlib.metadata import version
from pathlib import Path

from platformdirs import user_cache_path

from dgbench.results.folder import write_bytes
from dgbench.submission.format.manifest import Conformance


def remember(source_digest: str, *, passed: bool) -> None:
    """Note the outcome for this very source; the last one counts."""
    found = Conformance(status="passed" if passed else "failed", version=version("dgbench"))
    write_bytes(_place(source_digest), found.model_dump_json().encode() + b"\n")


def recall(source_digest: str) -> Conformance:
    """What was last found for this source; `unknown` where nothing was."""
    try:
        return Conformance.model_validate(json.loads(_place(source_digest).read_bytes()))
    except (OSError, ValueError):
        return Conformance(status="unknown")


def _place(source_digest: str) -> Path:
    return user_cache_path("dgbench") / "conformance" / f"{source_digest}.json"
