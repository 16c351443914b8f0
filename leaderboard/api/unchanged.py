"""Answers that hold as long as the leaderboard's revision: tagged, cached, compressed."""

from collections.abc import Callable, Hashable, Mapping
from http import HTTPStatus
from typing import Annotated

from fastapi import Depends, Request
from starlette.responses import Response

from leaderboard.api.answers import Answer
from leaderboard.api.etags import etag_of, is_known
from leaderboard.api.response_cache import CachedAnswer, compress
from leaderboard.api.shared_state import ApiState, State


class UnchangedAnswers:
    """Answers one request, if the client does not have the answer already."""

    def __init__(self, request: Request, state: ApiState) -> None:
        self._request, self._state = request, state

    async def __call__(self, make: Callable[[int], Answer], *, asked: Hashable = None) -> Response:
        """Answer with what `make` returns for the present revision, or that nothing changed.

        What is `asked` beside the path tells the answers of one path apart.
        """
        revision = await self._state.read(self._state.service.revision)
        headers = {
            "ETag": etag_of(revision),
            "Cache-Control": "no-cache",
            "Vary": "Accept-Encoding",
        }
        given = self._request.headers
        if is_known(given.get("if-none-match"), headers["ETag"]):
            return Response(status_code=HTTPStatus.NOT_MODIFIED, headers=headers)
        zips = "gzip" in given.get("accept-encoding", "")
        cached = await self._state.read(
            lambda: self._cached(lambda: make(revision), asked=asked, revision=revision, zips=zips)
        )
        if cached.zipped is not None and zips:
            headers["Content-Encoding"] = "gzip"
            return response_of(cached.answer, headers, body=cached.zipped)
        return response_of(cached.answer, headers)

    def _cached(
        self, make: Callable[[], Answer], *, asked: Hashable, revision: int, zips: bool
    ) -> CachedAnswer:
        """Take the answer from the cache, or make it and put it there. Call this in a thread."""
        responses, question = self._state.responses, (self._request.url.path, asked)
        earlier = responses.get(question, revision)
        cached = CachedAnswer(make()) if earlier is None else earlier
        if zips:
            cached = compress(cached)
        if cached is not earlier:
            responses.put(question, revision, cached)
        return cached


async def _unchanged(request: Request, state: State) -> UnchangedAnswers:
    return UnchangedAnswers(request, state)


Unchanged = Annotated[UnchangedAnswers, Depends(_unchanged)]


def fresh(answer: Answer) -> Response:
    """Send an answer that nobody may keep."""
    return response_of(answer, {"Cache-Control": "no-store"})


def response_of(
    answer: Answer, headers: Mapping[str, str], *, body: bytes | None = None
) -> Response:
    """Send an answer with headers beside its own."""
    return Response(
        answer.body if body is None else body,
        status_code=answer.status,
        headers={**headers, **answer.headers},
        media_type=answer.media_type if answer.body else None,
    )
