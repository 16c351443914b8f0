"""Rate limits: a bucket of tokens for each address and for each bearer token."""

import ipaddress
import math
import time
from collections import OrderedDict
from collections.abc import Callable
from http import HTTPStatus

from leaderboard.api.problems import ProblemError

_IPV6_HOME = 64
"""Bits of an IPv6 address that one household or machine room shares."""


class RateLimiter:
    """Buckets that fill at a constant rate, from which each request takes one token.

    For use in one thread. Buckets that are full again are forgotten, the oldest first.
    """

    def __init__(
        self,
        *,
        per_minute: float,
        burst: int,
        clock: Callable[[], float] = time.monotonic,
        remembered: int = 20_000,
    ) -> None:
        self._rate, self._burst = per_minute / 60, burst
        self._clock, self._remembered = clock, remembered
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def take(self, key: str) -> None:
        """Take a token, or end the request with 429 and the time after which one is there."""
        now = self._clock()
        level, since = self._buckets.pop(key, (float(self._burst), now))
        level = min(self._burst, level + (now - since) * self._rate)
        is_granted = level >= 1
        self._buckets[key] = (level - 1 if is_granted else level, now)
        if len(self._buckets) > self._remembered:
            self._buckets.popitem(last=False)
        if not is_granted:
            raise too_many(math.ceil((1 - level) / self._rate))


def too_many(seconds: int) -> ProblemError:
    """Make the refusal of a request that comes too early."""
    return ProblemError(
        HTTPStatus.TOO_MANY_REQUESTS,
        "too-many-requests",
        f"Too many requests. Try again in {seconds} s.",
        headers={"Retry-After": str(seconds)},
    )


def address_key(client: tuple[str, int] | None) -> str:
    """Name the bucket of an address: the address itself, or for IPv6 its /64 network."""
    if client is None:
        return "unknown"
    try:
        address = ipaddress.ip_address(client[0])
    except ValueError:
        return client[0]
    if isinstance(address, ipaddress.IPv6Address):
        return str(ipaddress.ip_network((address, _IPV6_HOME), strict=False))
    return str(address)
