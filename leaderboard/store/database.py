"""A store: a database whose writers queue up, and its blobs."""

import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import (
    URL,
    Connection,
    Engine,
    column,
    create_engine,
    event,
    exists,
    func,
    inspect,
    select,
    table,
    text,
)
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from data_gen.foundation.errors import DGBenchError
from leaderboard import logs
from leaderboard.store import audit, meta
from leaderboard.store.blobs import MOUNT, Blobs
from leaderboard.store.failures import StoreUnavailableError, told
from leaderboard.store.models import SCHEMA, SubmissionRow
from leaderboard.store.places import VARIABLE, StoreLocation, named, place_of

_BUSY_MILLISECONDS = 30_000
SLOW_SECONDS = 2
"""A question that takes longer is logged."""
_PATIENCE = {"connect_timeout": 5}
"""Seconds after which PostgreSQL counts as away. Its driver would wait for two minutes."""
_LOCK = 0x6467_6265_6E63_68
"""PostgreSQL's advisory lock of all writers, whose bytes say "dgbench"."""
_IS_WRITER = "dgbench_is_writer"


class Store:
    """Tables and blobs. Only `read` and `write` open a session."""

    def __init__(self, engine: Engine, blobs: Blobs) -> None:
        self.engine, self.blobs = engine, blobs

    @classmethod
    def open(
        cls, location: str | None = None, *, blobs: Path | None = None, makes: bool = True
    ) -> "Store":
        """Open a store, make its tables where they are missing, and bring them up to date.

        `location` is a path or a URL. Without it DGBENCH_STORE counts, then the user's data folder.
        Unless it `makes` a store, it raises DGBenchError for an absent one, and leaves no trace.
        """
        place = place_of(location)
        if not makes and _is_absent_file(place.url):
            raise _absent(place)
        store = cls(_engine(place.url), Blobs(blobs or place.blobs))
        try:
            if not makes and store._schema() is None:
                raise _absent(place)
            store._make_folder_of(place.url)
            if store._schema() != SCHEMA:
                store._migrate()
            store._settle_blobs(is_named=place.is_named or blobs is not None)
        except OperationalError as error:
            store.close()
            reason = " ".join(str(error.orig).split())
            raise DGBenchError(
                f"The store {place.url.render_as_string()!r} cannot be opened: {reason}."
            ) from error
        except DGBenchError:
            store.close()
            raise
        return store

    @property
    def kind(self) -> str:
        """`sqlite` or `postgresql`."""
        return self.engine.dialect.name

    @contextmanager
    def read(self) -> Iterator[Session]:
        """Open a session that sees one state of the tables and changes nothing."""
        began = time.monotonic()
        with told(), self.engine.connect() as connection, Session(connection) as session:
            yield session
        seconds = time.monotonic() - began
        if seconds > SLOW_SECONDS:
            milliseconds = round(1000 * seconds)
            logs.event("slow question", level=logging.WARNING, milliseconds=milliseconds)

    @contextmanager
    def write(self) -> Iterator[Session]:
        """Open a session in the one transaction that may write now, while others wait."""
        with told(), self._writing() as connection, Session(connection) as session:
            yield session
            session.flush()
        audit.log_entries(session)

    def close(self) -> None:
        """Close the connections."""
        self.engine.dispose()

    def _make_folder_of(self, url: URL) -> None:
        if url.get_backend_name() == "sqlite":
            _make(Path(str(url.database)).parent)
        else:
            with self.engine.connect() as connection:
                encoding = connection.scalar(text("SHOW server_encoding"))
            if encoding != "UTF8":
                raise DGBenchError(
                    f"The database has the encoding {encoding}, which cannot write every name. "
                    "Make one with: CREATE DATABASE ... ENCODING 'UTF8' TEMPLATE template0."
                )

    def _settle_blobs(self, *, is_named: bool) -> None:
        """Find the folder of blobs, which is made for a store without submissions only."""
        with self.read() as session:
            kept = meta.read(session, meta.BLOBS)
            is_filled = session.scalar(select(exists(select(SubmissionRow.id)))) or False
        if self.kind == "postgresql" and kept is None:
            kept = self._keep_place_of_blobs()
        if kept is not None and not is_named:
            self.blobs = Blobs(Path(kept))
        if not is_filled:
            _make(self.blobs.folder)
        elif self.blobs.is_empty():
            raise DGBenchError(
                f"The store has submissions, but their folder {str(self.blobs.folder)!r} is empty "
                f"or not there. {MOUNT}"
            )

    def _keep_place_of_blobs(self) -> str:
        """Write down where the blobs are, unless another process was faster. Return the place."""
        with self.write() as session:
            kept = meta.read(session, meta.BLOBS)
            if kept is None:
                kept = str(self.blobs.folder)
                meta.write(session, meta.BLOBS, kept)
        return kept

    def check_ready(self) -> None:
        """Raise an error that says why the store can keep nothing now, if that is so.

        The database must answer and have this version's tables, and the disk some room.
        """
        with self.read() as session:
            schema = _schema_of(session.connection())
        if schema != SCHEMA:
            raise StoreUnavailableError(
                f"The tables are of revision {schema!r}, this dgbench needs {SCHEMA!r}: restart "
                "the server with the dgbench that migrated them."
            )
        self.blobs.check_room()

    def _schema(self) -> str | None:
        """Read the revision of the tables, or None without tables."""
        with self.engine.connect() as connection:
            return _schema_of(connection)

    def _migrate(self) -> None:
        from leaderboard.store.migrate import upgrade

        with self._writing() as connection:
            # Another process may have done it while this one waited for its turn.
            if _schema_of(connection) != SCHEMA:
                upgrade(connection)

    @contextmanager
    def _writing(self) -> Iterator[Connection]:
        options: dict[str, Any] = {_IS_WRITER: True}
        if self.kind == "postgresql":
            # The first statement, which waits, would fix the snapshot in any stricter level.
            options["isolation_level"] = "READ COMMITTED"
        with self.engine.execution_options(**options).begin() as connection:
            if self.kind == "postgresql":
                connection.execute(select(func.pg_advisory_xact_lock(_LOCK)))
            yield connection


def _make(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise DGBenchError(
            f"Cannot make the folder {str(error.filename)!r}: {error.strerror}. Name another "
            "place with --db or DGBENCH_STORE."
        ) from error


def _is_absent_file(url: URL) -> bool:
    if url.get_backend_name() != "sqlite":
        return False
    file = Path(str(url.database))
    return not file.is_file() or file.stat().st_size == 0


def _absent(place: StoreLocation) -> DGBenchError:
    return DGBenchError(
        f"There is no store at {named(place)!r}. Name another one with --db or {VARIABLE}. "
        "`dgbench leaderboard serve` and `dgbench leaderboard import` make a store."
    )


def _schema_of(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.scalar(select(column("version_num")).select_from(table("alembic_version")))


def _engine(url: URL) -> Engine:
    if url.get_backend_name() == "sqlite":
        engine = create_engine(url, connect_args={"timeout": _BUSY_MILLISECONDS / 1000})
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
    else:
        patience = {} if "connect_timeout" in url.query else _PATIENCE
        engine = create_engine(
            url, isolation_level="REPEATABLE READ", pool_pre_ping=True, connect_args=patience
        )
    return engine


def _prepare_sqlite(connection: Any, _: object) -> None:
    """Set up every connection. The driver must not begin transactions by itself."""
    connection.isolation_level = None
    cursor = connection.cursor()
    cursor.execute(f"PRAGMA busy_timeout = {_BUSY_MILLISECONDS}")
    cursor.execute("PRAGMA journal_mode = WAL")
    # Every transaction that writes appends to the audit log, which must outlive a power cut.
    cursor.execute("PRAGMA synchronous = FULL")
    cursor.execute("PRAGMA foreign_keys = ON")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    is_writer = connection.get_execution_options().get(_IS_WRITER, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if is_writer else "BEGIN")
