"""Middleware that compresses the page's own files: scripts, styles and drawings.

Nothing else is compressed. The files are the same for everybody, while an answer in which a secret
stands beside a text that somebody else chose would tell the secret by its length (BREACH).
"""

import gzip
from collections import OrderedDict
from threading import Lock

from anyio.to_thread import run_sync
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

FOLDER = "static/"
"""Where the page's files lie, below the page."""
_KINDS = ("text/", "application/javascript", "application/json", "image/svg", "application/wasm")
_LEAST_BYTES = 1_000
_MOST_KEPT_BYTES = 32_000_000
_LEVEL = 9


class CompressedAssets:
    """Compresses each file once, and keeps the result for the next visitor."""

    def __init__(self, app: ASGIApp, *, root: str) -> None:
        """Compress what lies in `FOLDER` below `root`, a path that ends in a slash."""
        self._app = app
        self._folder = root + FOLDER
        self._kept = _Kept()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        if (
            scope["type"] != "http"
            or scope["method"] != "GET"
            or not scope["path"].startswith(self._folder)
            or "range" in Headers(scope=scope)
        ):
            await self._app(scope, receive, send)
            return
        is_understood = "gzip" in Headers(scope=scope).get("accept-encoding", "")
        answer = _Answer(send, path=scope["path"], kept=self._kept, is_understood=is_understood)
        await self._app(scope, receive, answer.send)


class _Kept:
    """The compressed files that were asked for last."""

    def __init__(self) -> None:
        self._files: OrderedDict[tuple[str, str], bytes] = OrderedDict()
        self._n_bytes = 0
        self._lock = Lock()

    def get(self, path: str, etag: str) -> bytes | None:
        with self._lock:
            return self._files.get((path, etag))

    def put(self, path: str, etag: str, data: bytes) -> None:
        with self._lock:
            if (path, etag) not in self._files:
                self._files[path, etag] = data
                self._n_bytes += len(data)
            while self._n_bytes > _MOST_KEPT_BYTES:
                _, oldest = self._files.popitem(last=False)
                self._n_bytes -= len(oldest)


class _Answer:
    """One response, which is held back until it can be compressed."""

    def __init__(self, send: Send, *, path: str, kept: _Kept, is_understood: bool) -> None:
        self._send, self._path, self._kept = send, path, kept
        self._is_understood = is_understood
        self._start: Message | None = None
        self._parts: list[bytes] = []

    async def send(self, message: Message) -> None:
        """Send a message of the response, or hold it back."""
        if message["type"] == "http.response.start" and _is_worth_it(message):
            # A cache between here and the browser keeps both forms apart.
            MutableHeaders(scope=message).add_vary_header("Accept-Encoding")
            if self._is_understood:
                self._start = message
                return
        if self._start is None:
            await self._send(message)
            return
        self._parts.append(message.get("body", b""))
        if not message.get("more_body", False):
            await self._end(self._start)

    async def _end(self, start: Message) -> None:
        headers = MutableHeaders(scope=start)
        etag = headers.get("etag", "")
        data = self._kept.get(self._path, etag)
        if data is None:
            data = await run_sync(_compressed, b"".join(self._parts))
            if etag:
                self._kept.put(self._path, etag, data)
        headers["Content-Encoding"] = "gzip"
        headers["Content-Length"] = str(len(data))
        if etag and not etag.startswith("W/"):
            # The bytes are others than those that the strong tag names.
            headers["ETag"] = f"W/{etag}"
        del headers["accept-ranges"]
        await self._send(start)
        await self._send({"type": "http.response.body", "body": data, "more_body": False})


def _compressed(data: bytes) -> bytes:
    return gzip.compress(data, _LEVEL, mtime=0)


def _is_worth_it(start: Message) -> bool:
    headers = Headers(scope=start)
    return (
        start["status"] == 200
        and headers.get("content-type", "").startswith(_KINDS)
        and "content-encoding" not in headers
        and int(headers.get("content-length", _LEAST_BYTES)) >= _LEAST_BYTES
    )
