"""Reads and checks the parts of a request before its operation runs."""

import re
from http import HTTPStatus

from pydantic import ValidationError
from starlette.requests import Request

from leaderboard.api.parameters import NAME_PATTERN, Parameters
from leaderboard.api.problems import ProblemError

_NAME = re.compile(NAME_PATTERN)


def bearer_of(request: Request) -> str | None:
    """Read the token in the header. A token in the address does not count."""
    given = request.headers.get("authorization")
    if given is None:
        return None
    scheme, _, secret = given.partition(" ")
    secret = secret.strip()
    if scheme.lower() != "bearer" or not secret.isascii() or not secret.isprintable():
        secret = ""
    if not secret:
        raise ProblemError(
            HTTPStatus.UNAUTHORIZED,
            "bad-authorization",
            "The header must be: Authorization: Bearer TOKEN.",
            headers=CHALLENGE,
        )
    return secret


CHALLENGE = {"WWW-Authenticate": 'Bearer realm="dgbench"'}
"""The header of an answer 401 that tells how to authenticate."""


def path_of(request: Request) -> dict[str, str]:
    """Read the path parameters, and answer 404 to a malformed name."""
    parameters = {key: str(value) for key, value in request.path_params.items()}
    for value in parameters.values():
        if not _NAME.fullmatch(value):
            raise ProblemError(
                HTTPStatus.NOT_FOUND,
                "no-such-name",
                "Names and ids have 1 to 100 letters, digits, '.', '_', '@' and '-'.",
            )
    return parameters


def parameters_of(request: Request, model: type[Parameters]) -> Parameters:
    """Read the query parameters into a model."""
    given = request.query_params.multi_items()
    twice = sorted({key for key, _ in given if len(request.query_params.getlist(key)) > 1})
    if twice:
        raise _wrong(f"{twice[0]!r} is given twice.")
    try:
        return model.model_validate(dict(given))
    except ValidationError as error:
        problems = tuple(
            {"parameter": ".".join(map(str, problem["loc"])), "detail": problem["msg"]}
            for problem in error.errors(
                include_url=False, include_context=False, include_input=False
            )
        )
        detail = "; ".join(f"{problem['parameter']}: {problem['detail']}" for problem in problems)
        raise _wrong(detail, problems) from error


def check_media_type(request: Request, expected: tuple[str, ...]) -> None:
    """End the request if its body is of another type than expected."""
    given = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if given not in expected:
        raise ProblemError(
            HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
            "unsupported-media-type",
            f"The body must be of the type {expected[0]}.",
            headers={"Connection": "close"},
        )


def accepts_gzip(request: Request) -> bool:
    """Tell whether the answer may be compressed."""
    return "gzip" in request.headers.get("accept-encoding", "")


def _wrong(detail: str, errors: tuple[dict[str, str], ...] = ()) -> ProblemError:
    return ProblemError(HTTPStatus.UNPROCESSABLE_ENTITY, "bad-parameters", detail, errors=errors)
