"""One path of the API: limits, token, parameters, body, the operation, and its answer."""

from collections.abc import Mapping
from http import HTTPStatus

import anyio
from anyio.to_thread import run_sync
from pydantic import ValidationError
from starlette.requests import Request
from starlette.responses import Response

from data_gen.errors import DGBenchError, UsageError
from leaderboard.entries import ANYONE, Identity, RefusedError
from leaderboard.http.answers import Answer
from leaderboard.http.etags import etag_of, is_known
from leaderboard.http.limits import RateLimiter, address_key
from leaderboard.http.operations import Call, Operation
from leaderboard.http.parameters import Parameters
from leaderboard.http.problems import ProblemError
from leaderboard.http.uploads import Keys, read_body
from leaderboard.service import Service
from leaderboard.tokens import require

_N_READERS, _N_WRITERS = 8, 2
_CHALLENGE = {"WWW-Authenticate": 'Bearer realm="dgbench"'}


class Desk:
    """What all paths of one server share: the service, the limits, the threads."""

    def __init__(self, service: Service, *, root: str) -> None:
        self.service, self.root = service, root
        self.reads = RateLimiter(per_minute=1200, burst=600)
        self.writes = RateLimiter(per_minute=60, burst=60)
        self.keys = Keys()
        self.reading = anyio.CapacityLimiter(_N_READERS)
        self.writing = anyio.CapacityLimiter(_N_WRITERS)


class Endpoint:
    """The operations of one path, by method."""

    def __init__(self, desk: Desk, operations: Mapping[str, Operation]) -> None:
        self._desk, self._operations = desk, operations
        methods = {*operations, "OPTIONS", *(["HEAD"] if "GET" in operations else [])}
        self.methods = sorted(methods)

    async def __call__(self, request: Request) -> Response:
        """Answer a request."""
        if request.method == "OPTIONS":
            return Response(status_code=HTTPStatus.NO_CONTENT, headers=self._allow())
        operation = self._operations["GET" if request.method == "HEAD" else request.method]
        try:
            return await self._answer(request, operation)
        except RefusedError as error:
            raise _refused(error) from error
        except UsageError as error:
            raise ProblemError(
                HTTPStatus.UNPROCESSABLE_ENTITY, "bad-request", str(error)
            ) from error
        except DGBenchError as error:
            raise ProblemError(HTTPStatus.CONFLICT, "not-possible", str(error)) from error

    def _allow(self) -> dict[str, str]:
        return {"Allow": ", ".join(self.methods)}

    async def _answer(self, request: Request, operation: Operation) -> Response:
        desk, address = self._desk, address_key(request.client)
        (desk.reads if operation.role is None else desk.writes).take(address)
        identity = await self._identity(request, operation)
        parameters = _parameters(request, operation.parameters)
        etag = None
        if operation.is_cacheable:
            etag = etag_of(await run_sync(desk.service.revision, limiter=desk.reading))
            if is_known(request.headers.get("if-none-match"), etag):
                return Response(
                    status_code=HTTPStatus.NOT_MODIFIED, headers=_caching(etag)
                )  # fmt: skip
        body = await self._body(request, operation, identity)
        call = Call(
            service=desk.service, path=_path(request), parameters=parameters, identity=identity,
            body=body, root=f"{desk.root}/v1",
        )  # fmt: skip
        limiter = desk.reading if operation.role is None else desk.writing
        return _response(await run_sync(operation.run, call, limiter=limiter), etag)

    async def _identity(self, request: Request, operation: Operation) -> Identity:
        """Who asks; refused before the body is read where the role is missing."""
        if operation.role is None:
            return ANYONE
        secret = _bearer(request)
        identity = await run_sync(self._desk.service.identity, secret, limiter=self._desk.reading)
        self._desk.writes.take(f"token {identity.token_id}")
        require(identity, operation.role)
        return identity

    async def _body(self, request: Request, operation: Operation, identity: Identity) -> bytes:
        if operation.body_type is None:
            return b""
        given = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        if given not in {operation.body_type, "application/octet-stream"}:
            raise ProblemError(
                HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "unsupported-media-type",
                f"The body must be of the type {operation.body_type}.",
            )  # fmt: skip
        body = await read_body(request, operation.max_body_bytes)
        self._desk.keys.check(f"{identity.token_id} {operation.name}", request, body)
        return body


def _bearer(request: Request) -> str | None:
    """The token in the header; a token in the address is never looked at."""
    given = request.headers.get("authorization")
    if given is None:
        return None
    scheme, _, secret = given.partition(" ")
    if scheme.lower() != "bearer" or not secret.strip():
        raise RefusedError(
            HTTPStatus.UNAUTHORIZED, "bad-authorization",
            "The header must be: Authorization: Bearer TOKEN.",
        )  # fmt: skip
    return secret.strip()


def _path(request: Request) -> dict[str, str]:
    return {key: str(value) for key, value in request.path_params.items()}


def _parameters(request: Request, model: type[Parameters]) -> Parameters:
    given = request.query_params.multi_items()
    twice = sorted({key for key, _ in given if len(request.query_params.getlist(key)) > 1})
    if twice:
        raise ProblemError(
            HTTPStatus.UNPROCESSABLE_ENTITY, "bad-parameters", f"{twice[0]!r} is given twice.",
        )  # fmt: skip
    try:
        return model.model_validate(dict(given))
    except ValidationError as error:
        problems = tuple(
            {"parameter": ".".join(map(str, one["loc"])), "detail": one["msg"]}
            for one in error.errors(include_url=False, include_context=False, include_input=False)
        )
        detail = "; ".join(f"{one['parameter']}: {one['detail']}" for one in problems)
        raise ProblemError(
            HTTPStatus.UNPROCESSABLE_ENTITY, "bad-parameters", detail, errors=problems
        ) from error


def _caching(etag: str | None) -> dict[str, str]:
    if etag is None:
        return {"Cache-Control": "no-store"}
    return {"ETag": etag, "Cache-Control": "no-cache", "Vary": "Accept-Encoding"}


def _response(answer: Answer, etag: str | None) -> Response:
    return Response(
        answer.body,
        status_code=answer.status,
        headers={**_caching(etag), **answer.headers},
        media_type=answer.media_type if answer.body else None,
    )


def _refused(error: RefusedError) -> ProblemError:
    headers = dict(_CHALLENGE) if error.status == HTTPStatus.UNAUTHORIZED else {}
    if error.retry_after is not None:
        headers["Retry-After"] = str(error.retry_after)
    return ProblemError(error.status, error.code, error.detail, headers=headers)
