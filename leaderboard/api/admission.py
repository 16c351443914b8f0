"""Checks of a request before its operation runs: limits, token, names and parameters."""

from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import Annotated

from fastapi import Depends, Path, Query, Request, Security
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from leaderboard.access.tokens import require
from leaderboard.api.limits import address_key
from leaderboard.api.parameters import NAME_PATTERN, NoParameters
from leaderboard.api.problems import ProblemError
from leaderboard.api.shared_state import State
from leaderboard.records import Identity, Role

CHALLENGE = {"WWW-Authenticate": 'Bearer realm="dgbench"'}
"""The header of an answer 401 that tells how to authenticate."""
PathName = Annotated[str, Path(pattern=NAME_PATTERN)]
"""An id or name in a path."""
_scheme = HTTPBearer(scheme_name="token", auto_error=False)
"""Describes the token in the OpenAPI document. `bearer_of`, whose refusals say more, reads it."""


async def limited_read(request: Request, state: State) -> None:
    """Take a reader's request from what the address may still ask."""
    state.reads.take(address_key(request.client))


async def limited_write(request: Request, state: State) -> None:
    """Take a writer's request from what the address may still ask."""
    state.writes.take(address_key(request.client))


async def each_once(request: Request) -> None:
    """Refuse a parameter that is given twice, of which a server may read either."""
    names = [name for name, _ in request.query_params.multi_items()]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise ProblemError(
            HTTPStatus.UNPROCESSABLE_ENTITY, "bad-parameters", f"{twice[0]!r} is given twice."
        )


async def nothing_asked(_: Annotated[NoParameters, Query()]) -> None:
    """Refuse every parameter, for operations that take none."""


def needs(role: Role) -> Callable[..., Awaitable[Identity]]:
    """Make a dependency that finds out who asks, and refuses those without the role."""

    async def identity_of(
        request: Request,
        state: State,
        _: Annotated[HTTPAuthorizationCredentials | None, Security(_scheme)],
    ) -> Identity:
        secret = bearer_of(request)
        identity = await state.read(lambda: state.service.identity(secret))
        require(identity, role)
        state.writes.take(f"token {identity.token_id}")
        await each_once(request)
        return identity

    return identity_of


Submitter = Annotated[Identity, Depends(needs("submitter"))]
Verifier = Annotated[Identity, Depends(needs("verifier"))]


def bearer_of(request: Request) -> str | None:
    """Read the token in the header. A token in the address does not count."""
    given = request.headers.get("authorization")
    if given is None:
        return None
    scheme, _, secret = given.partition(" ")
    secret = secret.strip()
    if scheme.lower() != "bearer" or not secret.isascii() or not secret.isprintable():
        secret = ""
    if not secret:
        raise ProblemError(
            HTTPStatus.UNAUTHORIZED,
            "bad-authorization",
            "The header must be: Authorization: Bearer TOKEN.",
            headers=CHALLENGE,
        )
    return secret
