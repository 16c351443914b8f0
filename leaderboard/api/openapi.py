"""Makes the OpenAPI document from the operations and the types of their answers."""

import re
from collections.abc import Sequence
from http import HTTPStatus
from importlib.metadata import version
from typing import Any

from pydantic import TypeAdapter
from pydantic.json_schema import JsonSchemaMode

from leaderboard.api.answers import JSON_TYPE, adapter_of
from leaderboard.api.operations import Operation
from leaderboard.api.parameters import NAME_PATTERN
from leaderboard.api.problems import PROBLEM_TYPE, Problem

_REFERENCE = "#/components/schemas/{model}"
_EVERYWHERE = (400, 404, 405, 406, 414, 421, 422, 429, 500)
_BINARY = {"type": "string", "format": "binary"}
_KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": "Another body under a key that was used is refused.",
    "schema": {"type": "string", "pattern": r"^[\x21-\x7e]{1,255}$"},
}
_PATH_PARAMETER = re.compile(r"{(\w+)}")


def document_of(operations: Sequence[Operation], *, server: str) -> dict[str, Any]:
    """Make the OpenAPI 3.1 document."""
    schemas, definitions = _schemas(operations)
    paths: dict[str, dict[str, Any]] = {}
    for operation in operations:
        paths.setdefault(operation.path, {})[operation.method.lower()] = _described(
            operation, schemas
        )
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "dgbench leaderboard",
            "version": version("dgbench"),
            "description": "Submit predictions, read what they score. Numbers are always computed "
            "from predictions. Reading needs no token.",
            "license": {"name": "MIT", "identifier": "MIT"},
        },
        "servers": [{"url": server}],
        "paths": paths,
        "components": {
            "schemas": definitions,
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
    }


def _schemas(operations: Sequence[Operation]) -> tuple[dict[Any, Any], dict[str, Any]]:
    """Make the schema of each operation's answer, body and problem, and those they refer to."""
    kinds: dict[Any, tuple[str, JsonSchemaMode, TypeAdapter[Any]]] = {
        Problem: ("problem", "serialization", adapter_of(Problem))
    }
    for operation in operations:
        answer, body = operation.answer, operation.body_schema
        if answer not in (None, bytes):
            kinds[answer] = (operation.name, "serialization", adapter_of(answer))
        if body is not None:
            kinds[body] = (f"{operation.name} body", "validation", adapter_of(body))
    schemas, whole = TypeAdapter.json_schemas(list(kinds.values()), ref_template=_REFERENCE)
    by_kind = {kind: schemas[(name, mode)] for kind, (name, mode, _) in kinds.items()}
    return by_kind, whole.get("$defs", {})


def _described(operation: Operation, schemas: dict[Any, Any]) -> dict[str, Any]:
    described: dict[str, Any] = {
        "operationId": operation.name,
        "summary": operation.summary,
        "parameters": [*_path_parameters(operation), *_query_parameters(operation)],
        "responses": _responses(operation, schemas),
    }
    if operation.role is not None:
        described["security"] = [{"token": []}]
        described["description"] = f"Needs a token with the role `{operation.role}`."
    if operation.body_types:
        schema = schemas.get(operation.body_schema, _BINARY)
        described["requestBody"] = {
            "required": True,
            "content": {media_type: {"schema": schema} for media_type in operation.body_types},
        }
        described["parameters"].append(_KEY)
    return described


def _path_parameters(operation: Operation) -> list[dict[str, Any]]:
    return [
        {
            "name": name,
            "in": "path",
            "required": True,
            "schema": {"type": "string", "pattern": NAME_PATTERN},
        }
        for name in _PATH_PARAMETER.findall(operation.path)
    ]


def _query_parameters(operation: Operation) -> list[dict[str, Any]]:
    schema = operation.parameters.model_json_schema()
    required = schema.get("required", [])
    return [
        {
            "name": name,
            "in": "query",
            "required": name in required,
            "description": field.pop("description", ""),
            "schema": _plain(field),
        }
        for name, field in schema["properties"].items()
    ]


def _plain(schema: dict[str, Any]) -> dict[str, Any]:
    """Remove null from a parameter's schema, since a query string leaves the parameter out."""
    choices = [choice for choice in schema.get("anyOf", ()) if choice != {"type": "null"}]
    kept = {key: value for key, value in schema.items() if key not in {"anyOf", "default", "title"}}
    if schema.get("default") is not None:
        kept["default"] = schema["default"]
    if len(choices) == 1:
        return {**choices[0], **kept}
    return {**kept, "anyOf": choices} if choices else kept


def _responses(operation: Operation, schemas: dict[Any, Any]) -> dict[str, Any]:
    problem = {"content": {PROBLEM_TYPE: {"schema": schemas[Problem]}}}
    statuses = {*_EVERYWHERE, *operation.problems}
    if operation.role is not None:
        statuses |= {401, 403}
    responses = {
        str(status): {"description": HTTPStatus(status).phrase, **problem} for status in statuses
    }
    responses[str(operation.status)] = _success(operation, schemas)
    if operation.status == HTTPStatus.CREATED:
        responses["200"] = {**_success(operation, schemas), "description": "It was there already."}
    if operation.is_cacheable:
        responses["304"] = {"description": "Not changed since the answer with that ETag."}
    return dict(sorted(responses.items()))


def _success(operation: Operation, schemas: dict[Any, Any]) -> dict[str, Any]:
    described: dict[str, Any] = {"description": HTTPStatus(operation.status).phrase}
    if operation.answer is not None:
        described["content"] = {
            media_type: {
                "schema": schemas[operation.answer] if media_type == JSON_TYPE else _BINARY
            }
            for media_type in operation.media_types
        }
    return described
