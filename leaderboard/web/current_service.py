"""The one service of this process: the web page and the API read through the same."""

from threading import Lock

from leaderboard.records import Site
from leaderboard.service import Service
from leaderboard.store.database import Store

_current: Service | None = None
_site = Site()
_lock = Lock()


def set_current_service(service: Service | None) -> None:
    """Let the process use a service. With None it opens the default store when needed."""
    global _current
    _current = service


def set_current_site(site: Site) -> None:
    """Let the pages say what the operator says about the site."""
    global _site
    _site = site


def current_site() -> Site:
    """Return what the operator says about the site."""
    return _site


def current_service() -> Service:
    """Return the service of this process, by default over the default store."""
    global _current
    with _lock:
        if _current is None:
            _current = Service(Store.open(None))
        return _current
