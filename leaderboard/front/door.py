"""Middleware that answers for the site itself: start pages, pictures, robots, unknown addresses."""

from collections.abc import Iterable
from http import HTTPStatus
from urllib.parse import parse_qsl, urlencode

from anyio.to_thread import run_sync
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import (
    FileResponse,
    HTMLResponse,
    PlainTextResponse,
    RedirectResponse,
    Response,
)
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from leaderboard import logs
from leaderboard.access.sign_ins import COOKIE, LIFETIME_SECONDS, SIGN_INS
from leaderboard.api.refusals import unavailable
from leaderboard.front.listing import robots, site_map
from leaderboard.front.start_page import ASSETS, message_page, start_page
from leaderboard.records import RefusedError
from leaderboard.service import Service
from leaderboard.store.failures import StoreUnavailableError
from leaderboard.web.down import DOWN, DOWN_SENTENCE
from leaderboard.web.frame import STRIP
from leaderboard.web.pages import PAGES, PageFacts
from leaderboard.web.scope import PARAMETERS, read, scope_of, with_older_name

_PICTURES = {
    "favicon.png": "icon.png",
    "favicon.ico": "icon.png",
    "preview.png": "preview.png",
    STRIP: STRIP,
}
LONGEST_QUERY, MOST_PARAMETERS = 8_000, 500
"""Characters and parameters of an address. Streamlit silently ignores one with a thousand."""
_BOARD = PAGES["leaderboard"]
_FRESH = {"Cache-Control": "no-cache"}
_SECRET = {"Cache-Control": "no-store"}
_A_DAY = {"Cache-Control": "public, max-age=86400"}
_READ = frozenset({"GET", "HEAD"})


class Door:
    """Answers what belongs to the site, and lets everything else through to Streamlit."""

    def __init__(self, app: ASGIApp, *, service: Service, base_path: str, index: str) -> None:
        self._app, self._service, self._index = app, service, index
        self._base = f"/{base_path}" if base_path else ""
        self._pages = {page.path: page for page in PAGES.values()}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        if scope["type"] != "http" or scope["method"] not in _READ:
            await self._app(scope, receive, send)
            return
        request = Request(scope)
        try:
            response = await self._answer(request)
        except StoreUnavailableError as error:
            response = _down(error, home=f"{self._base}/")
        if response is not None:
            await response(scope, receive, send)
            return
        await self._app(scope, receive, _Unknown(scope, receive, send, home=f"{self._base}/").send)

    async def _answer(self, request: Request) -> Response | None:
        path = self._path(request)
        if path in _PICTURES:
            return FileResponse(ASSETS / _PICTURES[path], headers=_A_DAY)
        if path == "robots.txt":
            return PlainTextResponse(robots(self._site(request)), headers=_A_DAY)
        if path == "sitemap.xml":
            groups = await run_sync(self._service.benchmarks)
            return Response(
                site_map(self._site(request), groups), media_type="application/xml", headers=_FRESH
            )
        if path == "sign-in":
            return self._signed_in(request)
        if path in self._pages:
            return await self._page(request, self._pages[path])
        return None

    async def _page(self, request: Request, page: PageFacts) -> Response:
        """Answer with a page, at an address that names its scope."""
        path = _BOARD.path if _is_of_a_board(page, request.query_params) else page.path
        if (
            len(request.url.query) > LONGEST_QUERY
            or request.url.query.count("&") >= MOST_PARAMETERS
        ):
            sentence = "No address of this site is that long. It may have been copied twice."
            text = message_page("This address is too long", sentence, home=f"{self._base}/{path}")
            return HTMLResponse(text, HTTPStatus.REQUEST_URI_TOO_LONG, headers=_SECRET)
        missing = await run_sync(self._missing, page, request.url.query)
        if missing or path != page.path:
            asked = "&".join(filter(None, [request.url.query, urlencode(missing)]))
            target = f"{self._base}/{path}?{asked}"
            return RedirectResponse(target, HTTPStatus.FOUND, headers=_SECRET)
        site = self._site(request)
        text = start_page(self._index, page, site=site, address=f"{site}/{page.path}")
        return HTMLResponse(text, headers=_FRESH)

    def _signed_in(self, request: Request) -> Response:
        """Take a ticket for a cookie, and lead back to the page on which it was asked for."""
        cookie = SIGN_INS.redeem(request.query_params.get("ticket", ""))
        if cookie is None:
            sentence = "This sign-in was used before, or it is too old. Sign in again."
            text = message_page("Sign in again", sentence, home=f"{self._base}/mine")
            return HTMLResponse(text, HTTPStatus.GONE, headers=_SECRET)
        logs.event("signed in")
        path, _, query = request.query_params.get("back", "").partition("?")
        known_path = path if path in self._pages else ""
        answer = RedirectResponse(
            f"{self._base}/{known_path}?{query}", HTTPStatus.SEE_OTHER, headers=_SECRET
        )
        answer.set_cookie(
            COOKIE,
            cookie,
            max_age=LIFETIME_SECONDS,
            path=f"{self._base}/",
            httponly=True,
            samesite="lax",
        )
        return answer

    def _missing(self, page: PageFacts, query: str) -> dict[str, str]:
        """The part of its scope that a page's address leaves out. Call this in a thread."""
        asked = dict(parse_qsl(query, keep_blank_values=True))
        names = [name for name in PARAMETERS if name not in asked]
        if not names:
            return {}
        usual = None
        if "id" in asked and "id" in page.takes:
            try:
                usual = scope_of(self._service.submission(asked["id"]).row)
            except RefusedError:
                usual = None
        if page == PAGES["benchmarks"]:
            asked = with_older_name(asked)
        reading = read(asked, self._service.benchmarks(), usual=usual)
        return {name: reading.scope.parameters[name] for name in names}

    def _path(self, request: Request) -> str | None:
        """The path below the site's own, or None outside of it."""
        path = request.url.path
        if self._base and not path.startswith(f"{self._base}/"):
            return None
        return path.removeprefix(f"{self._base}/")

    def _site(self, request: Request) -> str:
        """The site's address, as this visitor reaches it."""
        return f"{request.url.scheme}://{request.url.netloc}{self._base}"


def _is_of_a_board(page: PageFacts, asked: Iterable[str]) -> bool:
    """Tell whether an address is a board's, from when the board was the first page."""
    return not page.path and not (set(_BOARD.takes) - set(page.takes)).isdisjoint(asked)


def _down(error: StoreUnavailableError, *, home: str) -> Response:
    """Say that the database is away. The browser asks again by itself."""
    problem = unavailable(error)
    text = message_page(DOWN, DOWN_SENTENCE, home=home)
    again = {"Refresh": problem.headers["Retry-After"], **problem.headers, **_SECRET}
    return HTMLResponse(text, problem.problem.status, headers=again)


class _Unknown:
    """Replaces Streamlit's page, which it gives for every unknown address, by an answer 404."""

    def __init__(self, scope: Scope, receive: Receive, send: Send, *, home: str) -> None:
        self._scope, self._receive, self._send, self._home = scope, receive, send, home
        self._is_replaced = False

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start" and _is_page(message):
            self._is_replaced = True
            text = message_page(
                "There is no such page",
                "Nothing is at this address. It may have been cut off when it was copied.",
                home=self._home,
            )
            answer = HTMLResponse(text, HTTPStatus.NOT_FOUND, headers=_FRESH)
            await answer(self._scope, self._receive, self._send)
        elif not self._is_replaced:
            await self._send(message)


def _is_page(message: Message) -> bool:
    is_html = Headers(raw=message["headers"]).get("content-type", "").startswith("text/html")
    return message["status"] == HTTPStatus.OK and is_html
