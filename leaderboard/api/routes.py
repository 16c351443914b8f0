"""The API as one route that an app mounts."""

from collections.abc import Sequence
from functools import partial

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Mount, Route, Router

from leaderboard.api.endpoint import ApiState, Endpoint
from leaderboard.api.openapi import document_of
from leaderboard.api.operations import Operation
from leaderboard.api.reads import READERS
from leaderboard.api.writes import WRITERS
from leaderboard.service import Service

OPERATIONS: tuple[Operation, ...] = (*READERS, *WRITERS)


def api_mount(service: Service, *, root: str = "/api") -> Mount:
    """Make the route under which the API answers, with `/v1` below the path `root`."""
    state = ApiState(service, root=root)
    document = document_of(OPERATIONS, server=f"{root}/v1")
    routes = [
        *_routes(state, OPERATIONS),
        Route("/openapi.json", partial(_openapi, document=document)),
    ]
    below = Router([Mount("/v1", app=Router(routes, redirect_slashes=False))])
    below.redirect_slashes = False
    return Mount(root, app=below)


def _routes(state: ApiState, operations: Sequence[Operation]) -> list[Route]:
    by_path: dict[str, dict[str, Operation]] = {}
    for operation in operations:
        by_path.setdefault(operation.path, {})[operation.method] = operation
    routes = []
    for path, methods in by_path.items():
        endpoint = Endpoint(state, methods)
        routes.append(Route(path, endpoint.__call__, methods=endpoint.methods))
    return routes


async def _openapi(_: Request, *, document: dict[str, object]) -> Response:
    return JSONResponse(document, headers={"Cache-Control": "public, max-age=300"})
