"""Additions to the OpenAPI document that FastAPI cannot read off the operations' signatures."""

from collections.abc import Sequence
from http import HTTPStatus
from importlib.metadata import version
from typing import Any

from fastapi.openapi.utils import get_openapi
from starlette.routing import BaseRoute

from leaderboard.api.answers import adapter_of
from leaderboard.api.problems import PROBLEM_TYPE, Problem

Responses = dict[int | str, dict[str, Any]]
_BINARY = {"type": "string", "format": "binary"}
_REFERENCE = "#/components/schemas/{model}"
NOT_MODIFIED: dict[str, Any] = {"description": "Not changed since the answer with that ETag."}


def problems(*statuses: int) -> Responses:
    """Describe answers that are problem documents."""
    content = {PROBLEM_TYPE: {"schema": {"$ref": _REFERENCE.format(model="Problem")}}}
    return {
        status: {"description": HTTPStatus(status).phrase, "content": content}
        for status in statuses
    }


EVERYWHERE = problems(400, 404, 405, 406, 414, 421, 422, 429, 500, 503)
"""Problems that every operation may answer with."""


def files(*media_types: str) -> Responses:
    """Describe answers in media types other than JSON."""
    return {200: {"content": {media_type: {"schema": _BINARY} for media_type in media_types}}}


def body_of(*media_types: str, schema: str | None = None) -> dict[str, Any]:
    """Describe a body that the operation reads by itself, up to its limit."""
    described = {"$ref": _REFERENCE.format(model=schema)} if schema else _BINARY
    content = {media_type: {"schema": described} for media_type in media_types}
    return {"requestBody": {"required": True, "content": content}}


def document_of(
    routes: Sequence[BaseRoute], *, server: str, models: Sequence[type]
) -> dict[str, Any]:
    """Make the OpenAPI 3.1 document. Some `models` are referred to, but in no signature."""
    document = get_openapi(
        title="dgbench leaderboard",
        version=version("dgbench"),
        description="Submit predictions, read what they score. Numbers are always computed "
        "from predictions. Reading needs no token.",
        license_info={"name": "MIT", "identifier": "MIT"},
        servers=[{"url": server}],
        routes=routes,
    )
    schemas = document["components"]["schemas"]
    for model in (Problem, *models):
        schema = adapter_of(model).json_schema(ref_template=_REFERENCE)
        schemas |= schema.pop("$defs", {})
        schemas[model.__name__] = schema
    return document
