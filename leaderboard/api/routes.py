"""The API as one route that an app mounts: a FastAPI app of the operations that read and write."""

from collections.abc import Awaitable, Callable, Sequence
from typing import cast

from fastapi import FastAPI, Request
from fastapi.telemetry import TelemetryConfig
from starlette.exceptions import HTTPException
from starlette.middleware.cors import CORSMiddleware
from starlette.responses import JSONResponse, Response
from starlette.routing import Mount, Route, Router
from starlette.types import ASGIApp

from dgbench.verification.record import VerificationRecord
from leaderboard.api.content import HEADER
from leaderboard.api.methods import Methods
from leaderboard.api.openapi import EVERYWHERE, document_of
from leaderboard.api.problems import on_http_exception
from leaderboard.api.reads import READS
from leaderboard.api.refusals import REFUSALS, on_defect, on_refusal
from leaderboard.api.shared_state import ApiState
from leaderboard.api.writes import WRITES
from leaderboard.service import Service

_SILENT = TelemetryConfig(tracing=False, metrics=False, logs=False, operation_spans=False)
"""FastAPI's own telemetry would go through each request once more."""


def api_mount(service: Service, *, root: str = "/api", origins: Sequence[str] = ()) -> Mount:
    """Make the route under which the API answers, with `/v1` below the path `root`.

    Scripts of the sites in `origins` may read it in a visitor's browser. They send no token.
    """
    app = FastAPI(openapi_url=None, redirect_slashes=False, responses=EVERYWHERE, telemetry=_SILENT)
    app.state.api = ApiState(service, root=root)
    app.include_router(READS)
    app.include_router(WRITES)
    app.add_route("/openapi.json", _openapi(app, server=f"{root}/v1"))
    app.add_exception_handler(HTTPException, on_http_exception)
    app.add_exception_handler(Exception, on_defect)
    for kind in REFUSALS:
        app.add_exception_handler(kind, on_refusal)
    for route in app.routes:
        # FastAPI puts included routes together when it first looks for one. It does so here, for
        # then no visitor waits, and no two threads do it at once.
        route.matches({"type": "http", "method": "GET", "path": "/", "root_path": ""})
    operations = cast("list[Route]", [*READS.routes, *WRITES.routes])
    answering: ASGIApp = Methods(app, routes=operations)
    if origins:
        answering = CORSMiddleware(
            answering,
            allow_origins=origins,
            allow_methods=("GET", "HEAD"),
            expose_headers=("ETag", HEADER),
        )
    below = Router([Mount("/v1", app=answering)])
    below.redirect_slashes = False
    return Mount(root, app=below)


def _openapi(app: FastAPI, *, server: str) -> Callable[[Request], Awaitable[Response]]:
    async def answer(_: Request) -> Response:
        if app.openapi_schema is None:
            app.openapi_schema = document_of(
                app.routes, server=server, models=(VerificationRecord,)
            )
        headers = {"Cache-Control": "public, max-age=300"}
        return JSONResponse(app.openapi_schema, headers=headers)

    return answer
