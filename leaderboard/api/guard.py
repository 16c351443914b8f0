"""Middleware around everything: it checks hosts and sizes, and sets headers and request ids."""

import re
import secrets
from collections.abc import Sequence
from http import HTTPStatus

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import ClientDisconnect
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from leaderboard.api import content
from leaderboard.api.hosts import is_allowed
from leaderboard.api.policy import API_CONTENT_POLICY, EVERYWHERE
from leaderboard.api.problems import ProblemError, as_response, unexpected
from leaderboard.api.request_log import Answered, request_logged

_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")
_MAX_TARGET_BYTES = 8_192


class Guard:
    """Refuses foreign hosts and overlong requests, and gives each response its id and headers.

    It catches what fails inside it, because Starlette answers defects outside all middleware, where
    the headers would be missing.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        allowed: Sequence[str],
        api_root: str,
        page_policy: str,
        max_body_bytes: int,
    ) -> None:
        self._app = app
        self._allowed = tuple(allowed)
        self._api_root = api_root
        self._page_policy = page_policy
        self._max_body_bytes = max_body_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        if scope["type"] not in {"http", "websocket"}:
            await self._app(scope, receive, send)
            return
        is_api = self._is_api(scope["path"])
        exchange = _Exchange(scope, send, is_api=is_api, page_policy=self._page_policy)
        with request_logged(scope, exchange.request_id, is_api=is_api) as answered:
            exchange.answered = answered
            await self._exchange(scope, receive, exchange, is_api=is_api)

    async def _exchange(
        self, scope: Scope, receive: Receive, exchange: "_Exchange", *, is_api: bool
    ) -> None:
        try:
            self._admit(scope, exchange.headers)
            if is_api:
                content.check(exchange.headers)
            await self._app(scope, _capped(receive, self._max_body_bytes), exchange.send)
        except ProblemError as error:
            await exchange.end(as_response(error), receive)
        except ClientDisconnect:
            return
        except Exception as error:  # a defect, of ours or of Streamlit's
            if not exchange.has_ended:
                await exchange.end(unexpected(exchange.request_id, error), receive)

    def _is_api(self, path: str) -> bool:
        return path == self._api_root or path.startswith(f"{self._api_root}/")

    def _admit(self, scope: Scope, headers: Headers) -> None:
        if not is_allowed(headers.get("host", ""), self._allowed):
            raise ProblemError(
                HTTPStatus.MISDIRECTED_REQUEST,
                "unknown-host",
                "This server does not answer to that host name. Its operator can add it with "
                "--allowed-host.",
            )
        if len(scope.get("raw_path", b"")) + len(scope["query_string"]) > _MAX_TARGET_BYTES:
            raise ProblemError(
                HTTPStatus.REQUEST_URI_TOO_LONG, "url-too-long", "The address is too long."
            )
        declared = headers.get("content-length", "0")
        if declared.isdecimal() and int(declared) > self._max_body_bytes:
            raise too_large(self._max_body_bytes)


def too_large(limit: int) -> ProblemError:
    """Make the refusal of a body that is over its limit, which also ends the connection."""
    return ProblemError(
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
        "too-large",
        f"The body has more than {limit:,} bytes.",
        headers={"Connection": "close"},
    )


def _capped(receive: Receive, limit: int) -> Receive:
    """Wrap `receive` so that it ends the request after more than `limit` bytes."""
    seen = 0

    async def capped() -> Message:
        nonlocal seen
        message = await receive()
        if message["type"] == "http.request":
            seen += len(message.get("body", b""))
            if seen > limit:
                raise too_large(limit)
        return message

    return capped


class _Exchange:
    """One request and its response."""

    def __init__(self, scope: Scope, send: Send, *, is_api: bool, page_policy: str) -> None:
        self.headers = Headers(scope=scope)
        asked = self.headers.get("x-request-id", "")
        self.request_id = asked if _REQUEST_ID.fullmatch(asked) else secrets.token_hex(8)
        scope.setdefault("state", {})["request_id"] = self.request_id
        self._scope, self._send = scope, send
        self._own = {"Content-Security-Policy": page_policy}
        if is_api:
            self._own = {
                "Content-Security-Policy": API_CONTENT_POLICY,
                content.HEADER: content.VERSION,
            }
        self._has_begun = False
        self.answered = Answered()
        self.has_ended = False
        """Whether the whole answer was sent. Starlette raises defects after it has told of them."""

    async def send(self, message: Message) -> None:
        """Send a message of the response, with the headers at its start."""
        if message["type"] in {"http.response.start", "websocket.http.response.start"}:
            self._has_begun = True
            self.answered.status = message["status"]
            headers = MutableHeaders(scope=message)
            for name, value in {**EVERYWHERE, **self._own}.items():
                headers[name] = value
            headers["X-Request-Id"] = self.request_id
            if self._scope["scheme"] in {"https", "wss"}:
                _secure_cookies(headers)
        elif message["type"] == "websocket.accept":
            self._has_begun = True
        elif message["type"] == "http.response.body":
            self.has_ended = not message.get("more_body", False)
        await self._send(message)

    async def end(self, response: Response, receive: Receive) -> None:
        """Answer with a problem, or cut off an answer that has begun already."""
        if self._has_begun:
            raise ConnectionError(f"request {self.request_id} failed after its answer had begun")
        if self._scope["type"] == "websocket":
            await self.send({"type": "websocket.close", "code": 1008})
            return
        await response(self._scope, receive, self.send)


def _secure_cookies(headers: MutableHeaders) -> None:
    """Mark cookies as secure, which Streamlit does only if it speaks TLS itself."""
    cookies = headers.getlist("set-cookie")
    del headers["set-cookie"]
    for cookie in cookies:
        is_marked = "; secure" in cookie.lower()
        headers.append("set-cookie", cookie if is_marked else f"{cookie}; Secure")
