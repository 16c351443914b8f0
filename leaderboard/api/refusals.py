"""Translates refusals of the framework, the service and the scorer into problems."""

from http import HTTPStatus

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from starlette.responses import Response

from data_gen.foundation.errors import DGBenchError, UsageError
from dgbench.submission.format.rejection import RejectedError
from leaderboard.api.admission import CHALLENGE
from leaderboard.api.problems import ProblemError, as_response, unexpected
from leaderboard.records import RefusedError

REFUSALS: tuple[type[Exception], ...] = (ProblemError, RequestValidationError, DGBenchError)
"""Errors that are a client's fault or a limit, not a defect of ours."""


def on_refusal(request: Request, error: Exception) -> Response:
    """Answer a refused request for FastAPI."""
    problem = problem_of(error)
    if problem is None:
        return on_defect(request, error)
    return as_response(problem)


def on_defect(request: Request, error: Exception) -> Response:
    """Answer a request on which the server failed, for FastAPI."""
    return unexpected(request.state.request_id, error)


def problem_of(error: Exception) -> ProblemError | None:
    """Translate an error into a problem. For a defect of ours return None."""
    if isinstance(error, ProblemError):
        return error
    if isinstance(error, RequestValidationError):
        return _malformed(error)
    if isinstance(error, RefusedError):
        return _refused(error)
    if isinstance(error, RejectedError):
        return _rejected(error)
    if isinstance(error, UsageError):
        return ProblemError(HTTPStatus.UNPROCESSABLE_ENTITY, "bad-request", str(error))
    if isinstance(error, DGBenchError):
        return ProblemError(HTTPStatus.CONFLICT, "not-possible", str(error))
    return None


def _refused(error: RefusedError) -> ProblemError:
    headers = dict(CHALLENGE) if error.status == HTTPStatus.UNAUTHORIZED else {}
    if error.retry_after is not None:
        headers["Retry-After"] = str(error.retry_after)
    return ProblemError(error.status, error.code, error.detail, headers=headers)


def _rejected(error: RejectedError) -> ProblemError:
    rejection = error.rejection
    return ProblemError(
        HTTPStatus.UNPROCESSABLE_ENTITY,
        rejection.code.value,
        f"{rejection.message} {rejection.hint}",
        errors=tuple({"key": key} for key in rejection.keys),
    )


def _malformed(error: RequestValidationError) -> ProblemError:
    """Say what is wrong with a path, header or query string."""
    places = {str(problem["loc"][0]) for problem in error.errors()}
    if "path" in places:
        return ProblemError(
            HTTPStatus.NOT_FOUND,
            "no-such-name",
            "Names and ids have 1 to 100 letters, digits, '.', '_', '@' and '-'.",
        )
    if "header" in places:
        return ProblemError(
            HTTPStatus.BAD_REQUEST,
            "bad-idempotency-key",
            "An Idempotency-Key has 1 to 255 visible ASCII characters.",
        )
    errors = tuple(
        {"parameter": ".".join(map(str, problem["loc"][1:])), "detail": str(problem["msg"])}
        for problem in error.errors()
    )
    detail = "; ".join(f"{problem['parameter']}: {problem['detail']}" for problem in errors)
    return ProblemError(HTTPStatus.UNPROCESSABLE_ENTITY, "bad-parameters", detail, errors=errors)
