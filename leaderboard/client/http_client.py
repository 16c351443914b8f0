"""Submit a bundle to a leaderboard elsewhere, with retries that cannot submit it twice."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import NamedTuple, Self, TypeVar
from urllib.parse import quote, urlsplit

import httpx
from pydantic import TypeAdapter, ValidationError

from data_gen.foundation.documents import digest_of
from data_gen.foundation.errors import DGBenchError, UsageError, ended
from data_gen.foundation.progress import Progress, silent
from dgbench.verification.record import VerificationRecord
from leaderboard.api import content
from leaderboard.api.answers import BUNDLE_TYPE, JSON_TYPE, FullSubmission, Nonce
from leaderboard.client.variables import about_variables
from leaderboard.records import Receipt, Row

API_PATH = "/api/v1"
ATTEMPTS = 5
_LONGEST_WAIT_SECONDS = 60
_CHUNK_BYTES = 2**16
_TIMEOUT = httpx.Timeout(10, read=120, write=60)
_LATER = frozenset({502, 503, 504})
"""The answers while the server restarts, from its proxy, or while its database does."""
_ADVICE = {
    401: "Ask the leaderboard's moderators for a token and give it as --token or DGBENCH_TOKEN.",
    403: "Ask the leaderboard's moderators for a token that may submit.",
    404: "Check the address after --to: the leaderboard's page, without /api/v1.",
    413: "Leave probabilities out of the bundle, or submit fewer seeds.",
    507: "Submitting again later is safe.",
    422: "`dgbench validate` tells more; it may be that the server's dgbench is newer.",
}


T = TypeVar("T")


@dataclass(frozen=True, kw_only=True)
class Submitted:
    """The outcome of sending a bundle: the server's receipt, or the row alone if that was lost."""

    submission_id: str
    is_new: bool | None
    """None if the receipt was lost: the submission is there, but an older one may be the same."""
    row: Row
    flags: tuple[str, ...]
    revision: int | None


class Problem(NamedTuple):
    """A server's account of what is wrong."""

    status: int
    code: str
    detail: str
    request_id: str
    retry_after: float | None


class ServerRefusedError(DGBenchError):
    """The server refuses a request."""

    def __init__(self, url: str, problem: Problem) -> None:
        advice = _ADVICE.get(problem.status, "")
        request = f", request {problem.request_id}" if problem.request_id else ""
        answer = f"{url} answers {problem.status} ({problem.code}{request}):"
        super().__init__(f"{answer} {ended(problem.detail)} {advice}".rstrip())
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
        headers = {"User-Agent": "dgbench", content.HEADER: content.VERSION}
        if token:
            headers["Authorization"] = f"Bearer {_plain(token)}"
        # A redirect is reported, not followed: the token is for the server that was named.
        try:
            self._http = httpx.Client(
                base_url=self.url + API_PATH, headers=headers, timeout=_TIMEOUT, transport=transport
            )
        except (ImportError, ValueError, OSError) as error:  # SOCKS, an address, a certificate
            raise DGBenchError(about_variables(error)) from error

    def submit(self, data: bytes, identifier: str, *, progress: Progress = silent) -> Submitted:
        """Send a bundle whose canonical id is `identifier`, and return what became of it.

        Before a second attempt the server is asked whether the first one arrived after all. It
        keeps the same content only once, so a lost answer does no harm.
        """
        reason = ""
        for attempt in range(self._attempts):
            if attempt:
                self._sleep(min(2.0**attempt, _LONGEST_WAIT_SECONDS))
            try:
                arrived = self._arrived(identifier) if attempt else None
                return arrived or self._send(data, identifier, progress)
            except httpx.TransportError as error:
                reason = f"{type(error).__name__}: {str(error) or 'the connection broke'}"
            except ServerRefusedError as error:
                reason = str(error)
                self._wait_or_give_up(error)
        raise DGBenchError(
            f"{self.url} did not take the bundle in {self._attempts} attempts. {ended(reason)} "
            "Is the address right and the server up? Submitting again later is safe."
        )

    def bundle(self, identifier: str) -> bytes:
        """Return a submission's bundle as it was received."""
        return self._request("GET", f"/submissions/{_segment(identifier)}/bundle").content

    def reveal_nonce(self, identifier: str) -> str:
        """Ask for a verification's nonce, whose digest the server published before."""
        path = f"/submissions/{_segment(identifier)}/nonces"
        return self._read(self._request("POST", path), Nonce).nonce

    def record_verification(self, record: VerificationRecord) -> None:
        """Hand in a signed record.

        A verification may have taken an hour, so a record that a proxy or a broken connection loses
        is sent again. That is safe, since the server keeps the same record only once.
        """
        body = record.canonical
        for attempt in range(1, self._attempts):
            try:
                self._request("POST", "/verifications", body)
            except ServerRefusedError as error:
                self._wait_or_give_up(error)
            except DGBenchError:
                pass  # the last attempt says what is wrong
            else:
                return
            self._sleep(min(2.0**attempt, _LONGEST_WAIT_SECONDS))
        self._request("POST", "/verifications", body)

    def _request(self, method: str, path: str, body: bytes | None = None) -> httpx.Response:
        """Send one request, or raise DGBenchError: there is no answer, or a refusal."""
        headers = {"Content-Type": JSON_TYPE} if body else {}
        try:
            answer = self._http.request(method, path, content=body, headers=headers)
        except httpx.TransportError as error:
            reason = str(error) or "the connection broke"
            raise DGBenchError(
                f"{self.url} cannot be reached: {ended(reason)} Is the address right, and is the "
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

    def _send(self, data: bytes, identifier: str, progress: Progress) -> Submitted:
        answer = self._http.post(
            "/submissions",
            content=_chunks(data, progress),
            headers={
                "Content-Type": BUNDLE_TYPE,
                "Content-Length": str(len(data)),
                "Idempotency-Key": digest_of(data),
            },
        )
        receipt = self._read(answer, Receipt)
        if receipt.submission_id != identifier:
            raise DGBenchError(
                f"{self.url} keeps the bundle as {receipt.submission_id!r}; here its id is "
                f"{identifier!r}. The versions of dgbench differ: install the server's."
            )
        return Submitted(**vars(receipt))

    def _arrived(self, identifier: str) -> Submitted | None:
        """Look for a submission that arrived although its receipt did not."""
        answer = self._http.get(f"/submissions/{identifier}")
        if answer.status_code == httpx.codes.NOT_FOUND:
            return None
        row = self._read(answer, FullSubmission).row
        return Submitted(
            submission_id=identifier, is_new=None, row=row, flags=row.flags, revision=None
        )

    def _read(self, answer: httpx.Response, kind: type[T]) -> T:
        if not answer.is_success:
            raise ServerRefusedError(self.url, _problem(answer))
        try:
            return TypeAdapter(kind).validate_json(answer.content)
        except ValidationError as error:
            raise self._foreign(answer) from error

    def _foreign(self, answer: httpx.Response) -> DGBenchError:
        theirs = _word(answer.headers.get(content.HEADER))
        if theirs and theirs != content.VERSION:
            return DGBenchError(
                f"{self.url} speaks version {theirs} of the API's content, this dgbench version "
                f"{content.VERSION}: install the server's dgbench."
            )
        return DGBenchError(
            f"{self.url} answers, but not with version {content.VERSION} of the API's content, as "
            "a dgbench leaderboard of this version does. Check the address after --to, and the "
            "versions of dgbench."
        )

    def _wait_or_give_up(self, error: ServerRefusedError) -> None:
        """Wait as long as the server asks for, or raise the error if trying again is useless."""
        problem = error.problem
        wait = problem.retry_after
        if problem.status in _LATER:
            if wait is not None:
                self._sleep(min(wait, _LONGEST_WAIT_SECONDS))
            return
        if problem.status != httpx.codes.TOO_MANY_REQUESTS or wait is None:
            raise error
        if wait > _LONGEST_WAIT_SECONDS:
            raise error
        self._sleep(wait)


def _checked(url: str, *, allows_plain_http: bool) -> str:
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise UsageError(f"{url!r} is not an address. Write it as https://dg.example.org.")
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
    """Write an id as a part of a path, whatever was typed."""
    return quote(identifier, safe="")


def _plain(token: str) -> str:
    token = token.strip()
    if not token.isascii() or not token.isprintable() or " " in token:
        raise UsageError("The token has characters that no token has. Copy it again.")
    return token


def _chunks(data: bytes, progress: Progress) -> Iterator[bytes]:
    for start in range(0, len(data), _CHUNK_BYTES):
        yield data[start : start + _CHUNK_BYTES]
        progress(min(start + _CHUNK_BYTES, len(data)))


def _problem(answer: httpx.Response) -> Problem:
    """Read the problem in an answer, even one from a proxy that knows no problem documents."""
    try:
        document = answer.json()
    except ValueError:
        document = None
    members = document if isinstance(document, dict) else {}
    target = f" to {answer.headers['location']}" if answer.is_redirect else ""
    seconds = answer.headers.get("retry-after", "")
    return Problem(
        status=answer.status_code,
        code=_word(members.get("code")) or "http",
        detail=_word(members.get("detail")) or f"{answer.reason_phrase}{target}",
        request_id=_word(answer.headers.get("x-request-id"))[:64],
        retry_after=float(seconds) if seconds.isdecimal() else None,
    )


def _word(value: object) -> str:
    """Make what a stranger's server says harmless for a terminal."""
    text = value if isinstance(value, str) else ""
    return "".join(letter if letter.isprintable() else " " for letter in text)[:1000].strip()
