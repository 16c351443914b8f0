"""State that all paths of one server's API share: service, limits, threads and cached answers."""

from collections.abc import Callable
from typing import Annotated, TypeVar

import anyio
from anyio.to_thread import run_sync
from fastapi import Depends, Request

from leaderboard.api.limits import RateLimiter
from leaderboard.api.response_cache import ResponseCache
from leaderboard.api.uploads import Keys
from leaderboard.service import Service

T = TypeVar("T")
_N_READERS, _N_WRITERS = 8, 2


class ApiState:
    """The service, limits, cache and threads of one server."""

    def __init__(self, service: Service, *, root: str) -> None:
        self.service, self.root = service, root
        self.reads = RateLimiter(per_minute=1200, burst=600)
        self.writes = RateLimiter(per_minute=60, burst=60)
        self.keys, self.responses = Keys(), ResponseCache()
        self._reading = anyio.CapacityLimiter(_N_READERS)
        self._writing = anyio.CapacityLimiter(_N_WRITERS)

    async def read(self, question: Callable[[], T]) -> T:
        """Run what only reads in a thread."""
        return await run_sync(question, limiter=self._reading)

    async def write(self, command: Callable[[], T]) -> T:
        """Run what changes the leaderboard in a thread. Few at once leave threads for readers."""
        return await run_sync(command, limiter=self._writing)

    def site(self, request: Request) -> str:
        """Return the site's address as the client reached it. The guard has checked the host."""
        address = f"{request.url.scheme}://{request.url.netloc}"
        return f"{address}{self.root.removesuffix('/api')}"


def state_of(request: Request) -> ApiState:
    """Return the state of the server that a request reached."""
    state: ApiState = request.app.state.api
    return state


async def _state(request: Request) -> ApiState:
    return state_of(request)


State = Annotated[ApiState, Depends(_state)]
