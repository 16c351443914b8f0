"""Operations of the API, from which its routes and the OpenAPI document are made."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal, TypeVar

from leaderboard.api.answers import JSON_TYPE, Answer
from leaderboard.api.parameters import NoParameters, Parameters
from leaderboard.records import ANYONE, Identity, Role
from leaderboard.service import Service

Method = Literal["GET", "POST", "DELETE"]
Asked = TypeVar("Asked", bound=Parameters)


@dataclass(frozen=True, kw_only=True)
class Call:
    """A checked request, on which an operation works."""

    service: Service
    path: dict[str, str]
    parameters: Parameters
    identity: Identity = ANYONE
    body: bytes = b""
    root: str = ""
    """Path of the API, for links."""
    site: str = ""
    """Address of the site as the client reached it, without a slash at its end."""
    revision: int = 0
    """The leaderboard's revision, for an operation whose answer can be cached."""

    def asked(self, kind: type[Asked]) -> Asked:
        """Return the parameters, which are of the operation's type."""
        if not isinstance(self.parameters, kind):
            raise TypeError(f"expected {kind}, got {type(self.parameters)}")
        return self.parameters


@dataclass(frozen=True, kw_only=True)
class Operation:
    """One method of one path."""

    method: Method
    path: str
    """Below `/api/v1`, with path parameters in braces."""
    name: str
    """Its id in the OpenAPI document."""
    summary: str
    answer: Any
    """The type of the JSON answer, None without a body, or `bytes` for other media types."""
    run: Callable[[Call], Answer]
    """Runs in a thread, and may raise RefusedError and RejectedError."""
    parameters: type[Parameters] = NoParameters
    media_types: tuple[str, ...] = (JSON_TYPE,)
    status: int = 200
    role: Role | None = None
    """The role that the bearer token must have, or None if no token is needed."""
    body_types: tuple[str, ...] = ()
    """Media types of the body, one of which is expected."""
    body_schema: Any = None
    """The type of a JSON body."""
    max_body_bytes: int = 0
    is_cacheable: bool = False
    """Whether the answer stays the same as long as the leaderboard's revision does."""
    problems: tuple[int, ...] = ()
    """Statuses of problems that are this operation's own."""
