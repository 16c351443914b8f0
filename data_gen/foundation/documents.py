"""Documents: frozen models, their canonical JSON, digests, and the reading of older versions."""

import hashlib
import json
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from data_gen.foundation.errors import DGBenchError

Upgrade = Callable[[dict[str, Any]], dict[str, Any]]
"""Turns the plain document of one schema version into that of the next."""


class Frozen(BaseModel):
    """A document that cannot change and has no fields but its own.

    NaN and infinity have no JSON: a field that may be either is given as null.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    @property
    def canonical(self) -> bytes:
        """All fields as JSON, the same bytes for the same document."""
        return canonical_json(self.model_dump(mode="json")).encode()


Document = TypeVar("Document", bound=BaseModel)


def canonical_json(value: object, *, ensure_ascii: bool = True, spaced: bool = False) -> str:
    """Write a value as JSON with sorted keys and without NaN: the same text on every machine.

    Each kind of document keeps its choice of the two options, since digests depend on it:
    `ensure_ascii` writes other characters as escapes, `spaced` puts a space after each comma and
    colon.
    """
    return json.dumps(
        value,
        sort_keys=True,
        separators=(", ", ": ") if spaced else (",", ":"),
        ensure_ascii=ensure_ascii,
        allow_nan=False,
    )


def digest_of(content: str | bytes | memoryview) -> str:
    """Return the SHA-256 of bytes, or of a text in UTF-8, as 64 hexadecimal digits."""
    return hashlib.sha256(content.encode() if isinstance(content, str) else content).hexdigest()


def read_versioned(
    model: type[Document],
    *,
    text: str | bytes,
    name: str,
    version_field: str = "schema_version",
    upgrades: Mapping[int, Upgrade] = {},
) -> Document:
    """Read a JSON document whose model may have had earlier versions.

    Args:
        model: The newest version; its `version_field` has that version as default.
        text: The JSON.
        name: What error messages call it: usually the path of its file.
        version_field: The field with the version.
        upgrades: By version, what turns a document of it into one of the next version.

    Raises:
        DGBenchError: The document is of a newer version.
        ValueError: It does not fit the model. The message is one line.
    """
    newest = model.model_fields[version_field].default
    document = json.loads(text)
    version = document.get(version_field) if isinstance(document, dict) else None
    if isinstance(version, int) and version > newest:
        raise DGBenchError(
            f"{name} has schema version {version}; this dgbench reads up to {newest}. "
            "Install a newer dgbench."
        )
    while isinstance(version, int) and version in upgrades:
        document = upgrades[version](document)
        version, text = document[version_field], json.dumps(document)
    try:
        return model.model_validate_json(text)
    except ValidationError as error:
        raise ValueError(first_problem(error)) from error


def first_problem(error: ValidationError) -> str:
    """Name the first field that a validation refused and why, in a line without a full stop."""
    problem = error.errors(include_url=False)[0]
    field = ".".join(map(str, problem["loc"])) or "the whole file"
    return f"{field}: {problem['msg']}"
