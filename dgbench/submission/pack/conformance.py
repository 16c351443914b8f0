"""Remembers the outcome of `dgbench check-method` by the digest of the method's source.

Outcomes lie in the user's cache. Installed results bring those of their methods along.
"""

import json
from importlib.metadata import version
from pathlib import Path

from platformdirs import user_cache_path

from data_gen.foundation.documents import Frozen
from data_gen.foundation.errors import DGBenchError
from data_gen.foundation.files import write_whole
from dgbench.results.installed import result_folders
from dgbench.submission.format.manifest import Conformance

CHECKED = "conformance.json"
"""The file in a folder of results with the outcomes for their methods."""


class CheckedMethod(Frozen):
    """The outcome for one method's source."""

    source_digest: str
    conformance: Conformance


def outcome(*, passed: bool) -> Conformance:
    """Return what this dgbench says of a method that it checked."""
    return Conformance(status="passed" if passed else "failed", version=version("dgbench"))


def remember(source_digest: str, *, passed: bool) -> None:
    """Store the outcome for a source, in place of an earlier one."""
    write_whole(_path(source_digest), outcome(passed=passed).model_dump_json().encode() + b"\n")


def recall(source_digest: str) -> Conformance:
    """Return the last outcome for a source, or `unknown` if it was never checked."""
    try:
        return Conformance.model_validate(json.loads(_path(source_digest).read_bytes()))
    except (OSError, ValueError):
        return _brought_along().get(source_digest, Conformance(status="unknown"))


def read_checked(folder: Path) -> dict[str, CheckedMethod]:
    """Read the outcomes in a folder of results, by the method's name. None without the file."""
    try:
        document = json.loads((folder / CHECKED).read_bytes())
        return {name: CheckedMethod.model_validate(entry) for name, entry in document.items()}
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, AttributeError) as error:
        raise DGBenchError(f"{str(folder / CHECKED)!r} is damaged: {error}.") from error


def write_checked(folder: Path, checked: dict[str, CheckedMethod]) -> None:
    """Write the outcomes in a folder of results, by the method's name."""
    document = {name: checked[name].model_dump(mode="json") for name in sorted(checked)}
    write_whole(folder / CHECKED, json.dumps(document, indent=1).encode() + b"\n")


def _brought_along() -> dict[str, Conformance]:
    return {
        method.source_digest: method.conformance
        for folder in result_folders()
        for method in read_checked(folder).values()
    }


def _path(source_digest: str) -> Path:
    return user_cache_path("dgbench") / "conformance" / f"{source_digest}.json"
