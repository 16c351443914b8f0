"""Reads bodies with a limit and a deadline, and recognises repeated uploads by their keys."""

import asyncio
import tempfile
from collections import OrderedDict
from http import HTTPStatus

from starlette.requests import Request

from data_gen.foundation.documents import digest_of
from leaderboard.api.guard import too_large
from leaderboard.api.problems import ProblemError

UPLOAD_SECONDS = 300
"""An upload that takes longer is given up."""
_IN_MEMORY = 2**20
KEY_PATTERN = r"^[\x21-\x7e]{1,255}$"
"""The form of an Idempotency-Key."""
_REMEMBERED_KEYS = 10_000


def check_media_type(request: Request, expected: tuple[str, ...]) -> None:
    """End the request if its body is of another type than expected."""
    given = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if given not in expected:
        raise ProblemError(
            HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
            "unsupported-media-type",
            f"The body must be of the type {' or '.join(expected)}.",
            headers={"Connection": "close"},
        )


async def read_body(request: Request, limit: int, *, seconds: float = UPLOAD_SECONDS) -> bytes:
    """Read the body, no further than its limit. It stays on the disk until it is whole."""
    with tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY) as spool:
        n_bytes = 0
        try:
            async with asyncio.timeout(seconds):
                async for chunk in request.stream():
                    n_bytes += len(chunk)
                    if n_bytes > limit:
                        raise too_large(limit)
                    spool.write(chunk)
        except TimeoutError as error:
            raise ProblemError(
                HTTPStatus.REQUEST_TIMEOUT,
                "too-slow",
                f"The body did not arrive within {seconds:g} s.",
                headers={"Connection": "close"},
            ) from error
        spool.seek(0)
        return spool.read()


class Keys:
    """Remembers the body of each Idempotency-Key, since another one under the key is a mistake.

    Keys are not needed to keep the same body only once: a submission's id follows from its content.
    The process forgets the oldest keys first, and all of them when it ends.
    """

    def __init__(self) -> None:
        self._digests: OrderedDict[tuple[str, str], str] = OrderedDict()

    def check(self, holder: str, key: str | None, body: bytes) -> None:
        """Remember the body's digest, or end the request if the key had another one."""
        if key is None:
            return
        digest = digest_of(body)
        if self._digests.setdefault((holder, key), digest) != digest:
            raise ProblemError(
                HTTPStatus.UNPROCESSABLE_ENTITY,
                "idempotency-key-reused",
                "This Idempotency-Key was used for another body. Use a new key for a new bundle.",
            )
        if len(self._digests) > _REMEMBERED_KEYS:
            self._digests.popitem(last=False)
