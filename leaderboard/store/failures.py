"""Failures of the store that are nobody's mistake: its database is away, or its disk is full."""

import errno
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from data_gen.foundation.errors import DGBenchError

_FULL = frozenset((errno.ENOSPC, errno.EDQUOT))
_POSTGRESQL_FULL = "53100"


class StoreUnavailableError(DGBenchError):
    """The database does not answer. The same request may succeed in a moment."""


class StoreFullError(DGBenchError):
    """The store has no room left. Nothing of what was to be written is kept."""


@contextmanager
def told() -> Iterator[None]:
    """Translate what a database's driver raises when the database is away or full."""
    try:
        yield
    except (OperationalError, InterfaceError) as error:
        if is_full(error):
            raise StoreFullError(f"The database has no room: {_reason(error)}.") from error
        if _is_mistake(error):
            raise
        raise StoreUnavailableError(
            f"The database does not answer: {_reason(error)}. Is it running?"
        ) from error
    except PoolTimeoutError as error:
        raise StoreUnavailableError("All connections to the database are in use.") from error


def is_full(error: BaseException | None) -> bool:
    """Tell whether an error, or what caused it, is that of a full disk or quota."""
    if isinstance(error, OSError):
        return error.errno in _FULL
    if isinstance(error, DBAPIError):
        code = getattr(error.orig, "sqlite_errorcode", None)
        state = getattr(error.orig, "sqlstate", None)
        return code == sqlite3.SQLITE_FULL or state == _POSTGRESQL_FULL
    return error is not None and is_full(error.__cause__)


def _is_mistake(error: DBAPIError) -> bool:
    """Tell whether a statement is at fault, such as by a table that does not exist."""
    return getattr(error.orig, "sqlite_errorcode", None) == sqlite3.SQLITE_ERROR


def _reason(error: DBAPIError) -> str:
    return " ".join(str(error.orig).split()).rstrip(".")
