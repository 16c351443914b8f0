"""The log's line about each request: what was asked, how it was answered, how long that took."""

import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from starlette.types import Scope

from leaderboard import logs

_FREQUENT = ("/static/", "/_stcore/", "/api/v1/health", "/api/v1/ready")
"""Parts of paths that browsers and monitors ask for all the time."""


@dataclass
class Answered:
    """The answer to a request so far."""

    status: int | None = None


@contextmanager
def request_logged(scope: Scope, request_id: str, *, is_api: bool) -> Iterator[Answered]:
    """Log a request when its answer has ended. The path is logged, and the query string is not."""
    token = logs.REQUEST_ID.set(request_id)
    answered, began = Answered(), time.monotonic()
    try:
        yield answered
    finally:
        is_socket = scope["type"] == "websocket"
        is_frequent = any(part in scope["path"] for part in _FREQUENT)
        logs.event(
            "socket" if is_socket else "request",
            level=logging.DEBUG if is_frequent else logging.INFO,
            area="api" if is_api else "files" if is_frequent else "page",
            method=scope.get("method", "GET"),
            path=scope["path"],
            status=answered.status,
            code=scope["state"].get("code"),
            milliseconds=round(1000 * (time.monotonic() - began)),
        )
        logs.REQUEST_ID.reset(token)
