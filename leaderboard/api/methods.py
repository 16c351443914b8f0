"""Middleware for what HTTP asks of every path: HEAD, OPTIONS, and a refusal that names methods."""

from collections.abc import Sequence
from http import HTTPStatus

from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.routing import Match, Route
from starlette.types import ASGIApp, Receive, Scope, Send


class Methods:
    """Answers HEAD as GET, and OPTIONS and unknown methods by itself."""

    def __init__(self, app: ASGIApp, *, routes: Sequence[Route]) -> None:
        self._app, self._routes = app, routes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        method, methods = scope["method"], self._methods(scope)
        if not methods or method in methods:
            await self._app(scope, receive, send)
        elif method == "HEAD" and "GET" in methods:
            await self._app({**scope, "method": "GET"}, receive, send)
        else:
            implied = {"HEAD", "OPTIONS"} if "GET" in methods else {"OPTIONS"}
            allow = {"Allow": ", ".join(sorted(methods | implied))}
            if method != "OPTIONS":
                raise HTTPException(HTTPStatus.METHOD_NOT_ALLOWED, headers=allow)
            await Response(status_code=HTTPStatus.NO_CONTENT, headers=allow)(scope, receive, send)

    def _methods(self, scope: Scope) -> set[str]:
        """List the methods of a path, none for an unknown one."""
        return {
            method
            for route in self._routes
            if route.matches(scope)[0] is not Match.NONE
            for method in route.methods or ()
        }
