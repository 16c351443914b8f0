"""Translates refusals of the framework, the service and the scorer into problems."""

import logging
from collections.abc import Callable, Mapping
from http import HTTPStatus

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from starlette.responses import Response

from data_gen.foundation.errors import DGBenchError, UsageError
from dgbench.submission.format.rejection import RejectedError
from leaderboard.api.admission import CHALLENGE
from leaderboard.api.problems import ProblemError, as_response, unexpected
from leaderboard.records import RefusedError
from leaderboard.store.failures import StoreFullError, StoreUnavailableError, is_full

RETRY_SECONDS = 10
"""After how long a client may try again while the store is away."""
_log = logging.getLogger(__name__)

REFUSALS: tuple[type[Exception], ...] = (
    ProblemError,
    RequestValidationError,
    DGBenchError,
    OSError,
)
"""Errors that may be a client's fault, a limit or an outage, and so no defect of ours."""


def on_refusal(request: Request, error: Exception) -> Response:
    """Answer a refused request for FastAPI."""
    problem = problem_of(error)
    if problem is None:
        return on_defect(request, error)
    request.state.code = problem.problem.code
    return as_response(problem)


def on_defect(request: Request, error: Exception) -> Response:
    """Answer a request on which the server failed, for FastAPI."""
    return unexpected(request.state.request_id, error)


def problem_of(error: Exception) -> ProblemError | None:
    """Translate an error into a problem. For a defect of ours return None."""
    if isinstance(error, ProblemError):
        return error
    if is_full(error):
        return _no_room(error)
    for kind, translate in _TRANSLATIONS.items():
        if isinstance(error, kind):
            return translate(error)
    return None


def unavailable(error: Exception) -> ProblemError:
    """Make the answer while the store is away. The reason is for the log only."""
    _log.warning("the store is unavailable: %s", error)
    return ProblemError(
        HTTPStatus.SERVICE_UNAVAILABLE,
        "store-unavailable",
        "The store does not answer. Try again in a moment.",
        headers={"Retry-After": str(RETRY_SECONDS)},
    )


def _no_room(error: Exception) -> ProblemError:
    """Make the answer while nothing can be written. The path is for the log only."""
    _log.error("the store is full: %s", error)
    return ProblemError(
        HTTPStatus.INSUFFICIENT_STORAGE,
        "no-room",
        "The server has no room left, so nothing was kept. Its operator has to make some.",
    )


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


def _wrong(error: UsageError) -> ProblemError:
    return ProblemError(HTTPStatus.UNPROCESSABLE_ENTITY, "bad-request", str(error))


def _not_possible(error: DGBenchError) -> ProblemError:
    return ProblemError(HTTPStatus.CONFLICT, "not-possible", str(error))


_TRANSLATIONS: Mapping[type[Exception], Callable[..., ProblemError]] = {
    RequestValidationError: _malformed,
    StoreUnavailableError: unavailable,
    StoreFullError: _no_room,
    RefusedError: _refused,
    RejectedError: _rejected,
    UsageError: _wrong,
    DGBenchError: _not_possible,
}
"""The first kind that fits counts, so the most general one is the last."""
