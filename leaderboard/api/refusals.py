"""Translates refusals of the service and the scorer into problems."""

from http import HTTPStatus

from data_gen.foundation.errors import DGBenchError, UsageError
from dgbench.submission.format.rejection import RejectedError
from leaderboard.api.problems import ProblemError
from leaderboard.api.requests import CHALLENGE
from leaderboard.records import RefusedError


def problem_of(error: Exception) -> ProblemError | None:
    """Translate an error into a problem. For a defect of ours return None."""
    if isinstance(error, ProblemError):
        return error
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
