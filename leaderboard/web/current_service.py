"""The one service of this process: the web page and the API read through the same."""

from threading import Lock

from leaderboard.service import Service
from leaderboard.store.database import Store

_current: Service | None = None
_lock = Lock()


def set_current_service(service: Service | None) -> None:
    """Let the process use a service; None to open the default store when one is next asked for."""
    global _current
    _current = service


def current_service() -> Service:
    """The service of this process; that of the default store where none was set."""
    global _current
    with _lock:
        if _current is None:
            _current = Service(Store.open(None))
        return _current
