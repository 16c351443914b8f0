"""One path of the API: it checks limits, token, parameters and body, and runs the operation."""

from collections.abc import Callable, Mapping
from functools import partial
from http import HTTPStatus

import anyio
from anyio.to_thread import run_sync
from starlette.requests import Request
from starlette.responses import Response

from leaderboard.access.tokens import require
from leaderboard.api.answers import Answer
from leaderboard.api.etags import etag_of, is_known
from leaderboard.api.limits import RateLimiter, address_key
from leaderboard.api.operations import Call, Operation
from leaderboard.api.refusals import problem_of
from leaderboard.api.requests import (
    accepts_gzip,
    bearer_of,
    check_media_type,
    parameters_of,
    path_of,
)
from leaderboard.api.response_cache import CachedAnswer, ResponseCache, compress
from leaderboard.api.uploads import Keys, read_body
from leaderboard.records import ANYONE, Identity
from leaderboard.service import Service

_N_READERS, _N_WRITERS = 8, 2


class ApiState:
    """The service, limits, cache and threads that all paths of one server share."""

    def __init__(self, service: Service, *, root: str) -> None:
        self.service, self.root = service, root
        self.reads = RateLimiter(per_minute=1200, burst=600)
        self.writes = RateLimiter(per_minute=60, burst=60)
        self.keys, self.responses = Keys(), ResponseCache()
        self.reading = anyio.CapacityLimiter(_N_READERS)
        self.writing = anyio.CapacityLimiter(_N_WRITERS)


class Endpoint:
    """The operations of one path, by method."""

    def __init__(self, state: ApiState, operations: Mapping[str, Operation]) -> None:
        self._state, self._operations = state, operations
        methods = {*operations, "OPTIONS", *(["HEAD"] if "GET" in operations else [])}
        self.methods = sorted(methods)

    async def __call__(self, request: Request) -> Response:
        """Answer a request."""
        if request.method == "OPTIONS":
            allow = {"Allow": ", ".join(self.methods)}
            return Response(status_code=HTTPStatus.NO_CONTENT, headers=allow)
        operation = self._operations["GET" if request.method == "HEAD" else request.method]
        try:
            return await self._answer(request, operation)
        except Exception as error:
            problem = problem_of(error)
            if problem is None:
                raise
            raise problem from error

    async def _answer(self, request: Request, operation: Operation) -> Response:
        state, address = self._state, address_key(request.client)
        (state.reads if operation.role is None else state.writes).take(address)
        identity = await self._identity(request, operation)
        new_call = partial(
            Call,
            service=state.service,
            path=path_of(request),
            root=f"{state.root}/v1",
            site=_site_of(request, state.root),
            parameters=parameters_of(request, operation.parameters),
            identity=identity,
        )
        if operation.is_cacheable:
            return await self._unchanged_or_new(request, operation, new_call)
        body = await self._body(request, operation, identity)
        limiter = state.reading if operation.role is None else state.writing
        answer = await run_sync(operation.run, new_call(body=body), limiter=limiter)
        return _response(answer, {"Cache-Control": "no-store"})

    async def _unchanged_or_new(
        self, request: Request, operation: Operation, new_call: Callable[..., Call]
    ) -> Response:
        state = self._state
        revision = await run_sync(state.service.revision, limiter=state.reading)
        headers = {
            "ETag": etag_of(revision),
            "Cache-Control": "no-cache",
            "Vary": "Accept-Encoding",
        }
        if is_known(request.headers.get("if-none-match"), headers["ETag"]):
            return Response(status_code=HTTPStatus.NOT_MODIFIED, headers=headers)
        call, zips = new_call(revision=revision), accepts_gzip(request)
        cached = await run_sync(
            _cached_answer, state.responses, operation, call, zips, limiter=state.reading
        )
        if cached.zipped is not None and zips:
            headers["Content-Encoding"] = "gzip"
            return _response(cached.answer, headers, body=cached.zipped)
        return _response(cached.answer, headers)

    async def _identity(self, request: Request, operation: Operation) -> Identity:
        """Find out who asks, and refuse before the body is read if the role is missing."""
        if operation.role is None:
            return ANYONE
        state, secret = self._state, bearer_of(request)
        identity = await run_sync(state.service.identity, secret, limiter=state.reading)
        require(identity, operation.role)
        state.writes.take(f"token {identity.token_id}")
        return identity

    async def _body(self, request: Request, operation: Operation, identity: Identity) -> bytes:
        if not operation.body_types:
            return b""
        check_media_type(request, operation.body_types)
        body = await read_body(request, operation.max_body_bytes)
        self._state.keys.check(f"{identity.token_id} {operation.name}", request, body)
        return body


def _site_of(request: Request, root: str) -> str:
    """Return the site's address as the client reached it. The guard has checked the host."""
    return f"{request.url.scheme}://{request.url.netloc}{root.removesuffix('/api')}"


def _cached_answer(
    responses: ResponseCache, operation: Operation, call: Call, zips: bool
) -> CachedAnswer:
    """Take the answer from the cache, or make it and put it there. Call this in a thread."""
    question = operation.name, tuple(call.path.items()), call.parameters
    earlier = responses.get(question, call.revision)
    cached = CachedAnswer(operation.run(call)) if earlier is None else earlier
    if zips:
        cached = compress(cached)
    if cached is not earlier:
        responses.put(question, call.revision, cached)
    return cached


def _response(answer: Answer, headers: Mapping[str, str], *, body: bytes | None = None) -> Response:
    return Response(
        answer.body if body is None else body,
        status_code=answer.status,
        headers={**headers, **answer.headers},
        media_type=answer.media_type if answer.body else None,
    )
