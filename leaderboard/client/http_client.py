"""Submit a bundle to a leaderboard elsewhere, with retries that cannot submit it twice."""

import time
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple, Self
from urllib.parse import quote, urlsplit

import httpx
from pydantic import TypeAdapter, ValidationError

from data_gen.foundation.documents import digest_of
from data_gen.foundation.errors import DGBenchError, UsageError, ended
from dgbench.verification.record import VerificationRecord
from leaderboard.api.answers import BUNDLE_TYPE, JSON_TYPE, Nonce
from leaderboard.records import Receipt

API_PATH = "/api/v1"
ATTEMPTS = 5
_LONGEST_WAIT_SECONDS = 60
_CHUNK_BYTES = 2**16
_TIMEOUT = httpx.Timeout(10, read=120, write=60)
_LATER = frozenset({502, 503, 504})
"""What a proxy answers while the server behind it restarts."""
_ADVICE = {
    401: "Ask the leaderboard's moderators for a token and give it as --token or DGBENCH_TOKEN.",
    403: "Ask the leaderboard's moderators for a token that may submit.",
    404: "Check the address after --to: the leaderboard's page, without /api/v1.",
    413: "Leave probabilities out of the bundle, or submit fewer seeds.",
    422: "`dgbench validate` tells more; it may be that the server's dgbench is newer.",
}


class Problem(NamedTuple):
    """What a server says is wrong."""

    status: int
    code: str
    detail: str
    request_id: str
    retry_after: float | None


class ServerRefusedError(DGBenchError):
    """The server does not take the bundle."""

    def __init__(self, url: str, problem: Problem) -> None:
        advice = _ADVICE.get(problem.status, "")
        request = f", request {problem.request_id}" if problem.request_id else ""
        told = f"{url} answers {problem.status} ({problem.code}{request}):"
        super().__init__(f"{told} {ended(problem.detail)} {advice}".rstrip())
        self.problem = problem


class Client:
    """Speaks to one leaderboard."""

    def __init__(
        self,
        url: str,
        token: str | None,
        *,
        allows_plain_http: bool = False,
        attempts: int = ATTEMPTS,
        sleep: Callable[[float], None] = time.sleep,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        self.url = _checked(url, allows_plain_http=allows_plain_http)
        self._attempts, self._sleep = attempts, sleep
        headers = {"User-Agent": "dgbench"}
        if token:
            headers["Authorization"] = f"Bearer {_plain(token)}"
        # A redirect is reported, not followed: the token is for the server that was named.
        self._http = httpx.Client(
            base_url=self.url + API_PATH, headers=headers, timeout=_TIMEOUT, transport=transport
        )

    def submit(
        self, data: bytes, identifier: str, *, on_sent: Callable[[int], None] = lambda _: None
    ) -> Receipt:
        """Send a bundle whose canonical id is `identifier`; returns what became of it.

        Before a second attempt the server is asked whether the first one arrived after all, and the
        server itself keeps the same content once, so an answer that is lost costs nothing.
        """
        told = ""
        for attempt in range(self._attempts):
            if attempt:
                self._sleep(min(2.0**attempt, _LONGEST_WAIT_SECONDS))
            try:
                receipt = self._known(identifier) if attempt else None
                return receipt or self._sent(data, identifier, on_sent)
            except httpx.TransportError as error:
                told = f"{type(error).__name__}: {str(error) or 'the connection broke'}"
            except ServerRefusedError as error:
                told = str(error)
                self._wait_or_give_up(error)
        raise DGBenchError(
            f"{self.url} did not take the bundle in {self._attempts} attempts. {ended(told)} "
            "Is the address right and the server up? Submitting again later is safe."
        )

    def bundle(self, identifier: str) -> bytes:
        """A submission's bundle as it was received."""
        answer = self._asked("GET", f"/submissions/{_segment(identifier)}/bundle")
        return answer.content

    def reveal_nonce(self, identifier: str) -> str:
        """A nonce for a verification, whose digest the server had published before."""
        path = f"/submissions/{_segment(identifier)}/nonces"
        nonce: Nonce = self._read(self._asked("POST", path), Nonce)
        return nonce.nonce

    def record_verification(self, record: VerificationRecord) -> None:
        """Hand a signed record in; the server keeps the same record once, so trying again is safe.

        A verification may have taken an hour: what a proxy or a broken connection loses is sent
        again.
        """
        body = record.canonical
        for attempt in range(1, self._attempts):
            try:
                self._asked("POST", "/verifications", body)
            except ServerRefusedError as error:
                self._wait_or_give_up(error)
            except DGBenchError:
                pass  # the last attempt says what is wrong
            else:
                return
            self._sleep(min(2.0**attempt, _LONGEST_WAIT_SECONDS))
        self._asked("POST", "/verifications", body)

    def _asked(self, method: str, path: str, body: bytes | None = None) -> httpx.Response:
        """The answer to one request; DGBenchError where there is none, or a refusal."""
        headers = {"Content-Type": JSON_TYPE} if body else {}
        try:
            answer = self._http.request(method, path, content=body, headers=headers)
        except httpx.TransportError as error:
            told = str(error) or "the connection broke"
            raise DGBenchError(
                f"{self.url} cannot be reached: {ended(told)} Is the address right, and is the "
                "server up?"
            ) from error
        if not answer.is_success:
            raise ServerRefusedError(self.url, _problem(answer))
        return answer

    def close(self) -> None:
        """End the connections."""
        self._http.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._http.close()

    def _sent(self, data: bytes, identifier: str, on_sent: Callable[[int], None]) -> Receipt:
        answer = self._http.post(
            "/submissions",
            content=_chunks(data, on_sent),
            headers={
                "Content-Type": BUNDLE_TYPE,
                "Content-Length": str(len(data)),
                "Idempotency-Key": digest_of(data),
            },
        )
        receipt: Receipt = self._read(answer, Receipt)
        if receipt.submission_id != identifier:
            raise DGBenchError(
                f"{self.url} keeps the bundle as {receipt.submission_id!r}; here its id is "
                f"{identifier!r}. The versions of dgbench differ: install the server's."
            )
        return receipt

    def _known(self, identifier: str) -> Receipt | None:
        """The receipt of a submission that arrived although its answer did not."""
        answer = self._http.get(f"/submissions/{identifier}")
        if answer.status_code == httpx.codes.NOT_FOUND:
            return None
        found = self._read(answer, dict[str, Any])
        try:
            return TypeAdapter(Receipt).validate_python(
                {
                    "submission_id": identifier,
                    "is_new": True,
                    "row": found["row"],
                    "flags": found["row"]["flags"],
                    "revision": 0,
                }
            )
        except (KeyError, TypeError, ValidationError) as error:
            raise self._foreign() from error

    def _read(self, answer: httpx.Response, kind: Any) -> Any:
        if not answer.is_success:
            raise ServerRefusedError(self.url, _problem(answer))
        try:
            return TypeAdapter(kind).validate_json(answer.content)
        except ValidationError as error:
            raise self._foreign() from error

    def _foreign(self) -> DGBenchError:
        return DGBenchError(
            f"{self.url} answers, but not as a dgbench leaderboard of this version does. "
            "Check the address after --to, and the versions of dgbench."
        )

    def _wait_or_give_up(self, error: ServerRefusedError) -> None:
        """Return after the time that the server asks for; raise where trying again is no use."""
        problem = error.problem
        if problem.status in _LATER:
            return
        wait = problem.retry_after
        if problem.status != httpx.codes.TOO_MANY_REQUESTS or wait is None:
            raise error
        if wait > _LONGEST_WAIT_SECONDS:
            raise error
        self._sleep(wait)


def _checked(url: str, *, allows_plain_http: bool) -> str:
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise UsageError(f"{url!r} is no address. Write it as https://dg.example.org.")
    if parts.username or parts.query or parts.fragment:
        raise UsageError(f"{parts.hostname!r}: write the address without user, '?' and '#'.")
    is_here = parts.hostname in {"localhost", "127.0.0.1", "::1"}
    if parts.scheme == "http" and not is_here and not allows_plain_http:
        raise UsageError(
            f"{url} would send the token readable by everyone on the way. Use https, or add "
            "--allow-http where the network is trusted."
        )
    return url.rstrip("/").removesuffix(API_PATH)


def _segment(identifier: str) -> str:
    """An id as a part of a path, whatever was typed."""
    return quote(identifier, safe="")


def _plain(token: str) -> str:
    token = token.strip()
    if not token.isascii() or not token.isprintable() or " " in token:
        raise UsageError("The token has characters that no token has. Copy it again.")
    return token


def _chunks(data: bytes, on_sent: Callable[[int], None]) -> Iterator[bytes]:
    for start in range(0, len(data), _CHUNK_BYTES):
        yield data[start : start + _CHUNK_BYTES]
        on_sent(min(start + _CHUNK_BYTES, len(data)))


def _problem(answer: httpx.Response) -> Problem:
    """The problem in an answer, also of a proxy that knows nothing of problems."""
    try:
        document = answer.json()
    except ValueError:
        document = None
    found = document if isinstance(document, dict) else {}
    where = f" to {answer.headers['location']}" if answer.is_redirect else ""
    waits = answer.headers.get("retry-after", "")
    return Problem(
        status=answer.status_code,
        code=_word(found.get("code")) or "http",
        detail=_word(found.get("detail")) or f"{answer.reason_phrase}{where}",
        request_id=_word(answer.headers.get("x-request-id"))[:64],
        retry_after=float(waits) if waits.isdecimal() else None,
    )


def _word(value: object) -> str:
    """What a stranger's server says, fit for a terminal."""
    text = value if isinstance(value, str) else ""
    return "".join(letter if letter.isprintable() else " " for letter in text)[:1000].strip()
