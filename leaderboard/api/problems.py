"""Problem documents (RFC 9457): the answer to every error, on every path."""

import json
import logging
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

PROBLEM_TYPE = "application/problem+json"

_log = logging.getLogger(__name__)


class Problem(BaseModel):
    """A problem, in the members of RFC 9457 and two of ours."""

    type: str = "about:blank"
    """Names the HTTP status alone, while `code` tells problems of one status apart."""
    title: str
    """The name of the HTTP status."""
    status: int
    detail: str
    """What is wrong and what to do about it."""
    code: str
    """What is wrong, for programs."""
    errors: tuple[dict[str, Any], ...] = Field(default=())
    """The single errors, where there may be several."""


class ProblemError(Exception):
    """Ends a request with a problem."""

    def __init__(
        self,
        status: int,
        code: str,
        detail: str,
        *,
        headers: Mapping[str, str] | None = None,
        errors: tuple[dict[str, Any], ...] = (),
    ) -> None:
        super().__init__(detail)
        self.problem = Problem(
            title=HTTPStatus(status).phrase, status=status, detail=detail, code=code, errors=errors
        )
        self.headers = dict(headers or {})


def as_response(error: ProblemError) -> Response:
    """Make the answer that tells a problem."""
    problem = error.problem
    document = problem.model_dump(exclude={"errors"} if not problem.errors else None)
    return Response(
        json.dumps(document, ensure_ascii=False).encode(errors="replace"),
        status_code=problem.status,
        headers={"Cache-Control": "no-store", **error.headers},
        media_type=PROBLEM_TYPE,
    )


def on_problem(_: Request, error: Exception) -> Response:
    """Handle a `ProblemError` for Starlette."""
    if not isinstance(error, ProblemError):
        raise error
    return as_response(error)


def on_http_exception(_: Request, error: Exception) -> Response:
    """Translate Starlette's own refusals, such as of an unknown path, into problems."""
    if not isinstance(error, HTTPException):
        raise error
    status = HTTPStatus(error.status_code)
    detail = {
        HTTPStatus.NOT_FOUND: "There is nothing at this path. /api/v1/openapi.json lists them all.",
        HTTPStatus.METHOD_NOT_ALLOWED: "This path has no such method; the header Allow names them.",
    }.get(status, str(error.detail))
    code = status.name.lower().replace("_", "-")
    return as_response(ProblemError(status, code, detail, headers=error.headers))


def unexpected(request_id: str, error: Exception) -> Response:
    """Answer after a defect of ours, whose details go to the log only."""
    _log.error("request %s failed", request_id, exc_info=error)
    return as_response(
        ProblemError(
            HTTPStatus.INTERNAL_SERVER_ERROR,
            "internal-error",
            f"The server failed. Tell its operator the request id {request_id}.",
        )
    )
