"""Sign-ins that survive a reload: signed cookies, which name a token and never hold its secret.

A web page is drawn over a socket, on which no cookie can be set. So the page that has seen a token
gives its visitor a ticket, and the server takes the ticket for a cookie. The key is drawn anew with
each process, so after a restart everybody signs in again, unless servers are given one to share.
"""

import hmac
import secrets
import time
from collections.abc import Callable
from hashlib import sha256
from threading import Lock

from data_gen.foundation.errors import UsageError

COOKIE = "dgbench_sign_in"
LIFETIME_SECONDS = 30 * 86_400
"""A cookie ends after that long, and earlier with its token or by signing out."""
TICKET_SECONDS = 60
_MOST_TICKETS = 1000
KEY_VARIABLE = "DGBENCH_COOKIE_KEY"
"""Environment variable with the key that several servers share."""
_SHORTEST_KEY = 32


class SignIns:
    """Tickets and cookies of one process."""

    def __init__(self, now: Callable[[], float] = time.time) -> None:
        self._now, self._key = now, secrets.token_bytes(32)
        self._tickets: dict[str, tuple[str, float]] = {}
        self._ended: set[str] = set()
        self._lock = Lock()

    def share_key(self, text: str | None) -> None:
        """Sign with a key that other servers and later processes have too, if one is given."""
        if not text:
            return
        if len(text) < _SHORTEST_KEY:
            raise UsageError(
                f"{KEY_VARIABLE} has {len(text)} characters; at least {_SHORTEST_KEY} random "
                "ones are needed."
            )
        self._key = sha256(text.encode()).digest()

    def ticket(self, token_id: str) -> str:
        """Make a ticket for somebody who has shown the secret of a token. It is valid once."""
        ticket = secrets.token_urlsafe(32)
        with self._lock:
            if len(self._tickets) >= _MOST_TICKETS:
                self._tickets.pop(next(iter(self._tickets)))
            self._tickets[ticket] = token_id, self._now() + TICKET_SECONDS
        return ticket

    def redeem(self, ticket: str) -> str | None:
        """Take a ticket for the value of a cookie, or return None if it is worth nothing."""
        with self._lock:
            token_id, ends = self._tickets.pop(ticket, ("", 0.0))
        if self._now() >= ends:
            return None
        payload = f"{token_id}.{secrets.token_hex(8)}.{int(self._now()) + LIFETIME_SECONDS}"
        return f"{payload}.{self._signature(payload)}"

    def token_of(self, cookie: str | None) -> str | None:
        """Return the id of the token that a cookie of ours names, or None for any other value."""
        payload, _, signature = (cookie or "").rpartition(".")
        if not signature.isascii() or not hmac.compare_digest(signature, self._signature(payload)):
            return None
        token_id, nonce, ends = payload.split(".")
        return None if nonce in self._ended or self._now() >= int(ends) else token_id

    def end(self, cookie: str | None) -> None:
        """Make a cookie worthless."""
        if self.token_of(cookie) is not None:
            self._ended.add(str(cookie).split(".")[1])

    def _signature(self, payload: str) -> str:
        return hmac.new(self._key, payload.encode(), sha256).hexdigest()


SIGN_INS = SignIns()
"""Those of this process, which the server and the pages share."""
