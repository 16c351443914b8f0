"""Names that this server answers to, so that nobody can point another domain at it."""

import ipaddress
from collections.abc import Sequence
from urllib.parse import urlsplit

LOOPBACK = ("localhost", "127.0.0.1", "::1")
ANY_HOST = "*"


def host_of(header: str) -> str | None:
    """Read the name or address in a Host header, or None if the header is malformed."""
    try:
        parts = urlsplit(f"//{header}")
        _ = parts.port  # raises where the port is no number
    except ValueError:
        return None
    if parts.hostname is None or parts.netloc != header or "@" in header:
        return None
    return parts.hostname.lower().rstrip(".")


def is_allowed(header: str, allowed: Sequence[str]) -> bool:
    """Whether a Host header names one of the allowed hosts (`*.example.org` allows sub-domains)."""
    host = host_of(header)
    if host is None:
        return False
    return any(
        pattern == ANY_HOST
        or host == pattern
        or (pattern.startswith("*.") and host.endswith(pattern[1:]))
        for pattern in (name.lower().rstrip(".") for name in allowed)
    )


def allowed_hosts(bound: str, named: Sequence[str]) -> tuple[str, ...]:
    """List the allowed names: the machine's own, the bound address, and those named."""
    return tuple(dict.fromkeys((*LOOPBACK, *([] if is_wildcard(bound) else [bound]), *named)))


def is_wildcard(bound: str) -> bool:
    """Whether a server bound to this address can be reached at all of the machine's addresses."""
    try:
        return ipaddress.ip_address(bound).is_unspecified
    except ValueError:
        return False


def is_loopback(bound: str) -> bool:
    """Whether only this machine can reach a server that is bound to this address."""
    try:
        return ipaddress.ip_address(bound).is_loopback
    except ValueError:
        return bound == "localhost"
