"""The meeting point of a run's processes: a local port, named by environment variables."""

import os
import socket

_HOST = "127.0.0.1"


def free_port() -> int:
    """A port that is free at this moment."""
    with socket.socket() as listener:
        listener.bind((_HOST, 0))
        return int(listener.getsockname()[1])


def announce(port: int, *, rank: int) -> None:
    """Tell torch and Lightning in this process which rank it has and where it meets the others."""
    os.environ |= {
        "LOCAL_RANK": str(rank),
        "NODE_RANK": "0",
        "MASTER_ADDR": _HOST,
        "MASTER_PORT": str(port),
    }
