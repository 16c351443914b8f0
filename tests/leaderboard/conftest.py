"""A store of each kind: SQLite in a file, PostgreSQL in a server of the tests' own."""

import os
import shutil
import subprocess
import tempfile
from contextlib import contextmanager
from itertools import count
from pathlib import Path

import pytest

# The rooms are imported within the fixtures: the shape checker must be there before they are.
_NUMBERS = count()


@pytest.fixture(scope="session")
def postgresql():
    """The URL of a running server without a database, which listens on a socket file only."""
    with _new_server() as server:
        yield server.url


@pytest.fixture
def own_postgresql():
    """A server of a test's own, to be stopped and started. Its URL has a place for a database."""
    with _new_server() as server:
        yield server


class PostgreSQL:
    """A server in a folder of its own."""

    def __init__(self, binaries, folder):
        self._binaries, self.folder = binaries, folder
        self.url = f"postgresql+psycopg://dgbench@/{{}}?host={folder}"
        self._data, self._user = folder / "data", {}
        if os.geteuid() == 0:
            self._user = {"user": "postgres", "group": "postgres", "extra_groups": []}
            shutil.chown(folder, "postgres", "postgres")
        settings = ["-A", "trust", "-U", "dgbench", "-E", "UTF8", "--locale", "C", "--no-sync"]
        self._run("initdb", "-D", self._data, *settings)

    def start(self):
        options = f"-k {self.folder} -c listen_addresses='' -c fsync=off -c max_connections=100"
        self._run(
            "pg_ctl", "-D", self._data, "-w", "-l", self.folder / "log", "-o", options, "start"
        )

    def stop(self, *, check=True):
        self._run("pg_ctl", "-D", self._data, "-m", "immediate", "stop", check=check)

    def _run(self, program, *arguments, check=True):
        # A pipe would stay open in the server, which outlives the program that starts it.
        subprocess.run(
            [self._binaries / program, *arguments],
            cwd=self.folder,
            check=check,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            **self._user,
        )


@contextmanager
def _new_server():
    binaries = _binaries()
    if binaries is None:
        if "CI" in os.environ:
            pytest.fail("PostgreSQL is not installed; .ci/run installs it.")
        pytest.skip("PostgreSQL is not installed (no initdb).")
    # Not below pytest's folder: the server's user may not enter that.
    folder = Path(tempfile.mkdtemp(prefix="dgbench-pg-"))
    server = PostgreSQL(binaries, folder)
    try:
        server.start()
        yield server
    finally:
        server.stop(check=False)
        shutil.rmtree(folder, ignore_errors=True)


def _binaries():
    programs = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if programs:
        return programs[-1].parent
    on_path = shutil.which("initdb")
    return Path(on_path).resolve().parent if on_path else None


@pytest.fixture
def new_url(request, tmp_path):
    """A function that names a fresh, empty store of a kind, with its tables."""
    borrowed = []

    def url(kind):
        if kind == "sqlite":
            path = tmp_path / f"store-{next(_NUMBERS)}" / "board.sqlite"
            path.parent.mkdir()
            shutil.copy(request.getfixturevalue("sqlite_template"), path)
            return str(path)
        free = request.getfixturevalue("free_databases")
        borrowed.append(free.pop() if free else _new_database(request))
        return borrowed[-1]

    yield url
    for database in borrowed:
        if _emptied(database):
            request.getfixturevalue("free_databases").append(database)


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory):
    """A file with the tables, to be copied: migrating anew for each test takes far longer."""
    path = tmp_path_factory.mktemp("template") / "board.sqlite"
    _make_tables(str(path), path.with_suffix(".blobs"))
    return path


@pytest.fixture(scope="session")
def free_databases():
    """URLs of PostgreSQL's empty databases: making and deleting hundreds takes minutes."""
    return []


def _make_tables(url, blobs):
    from leaderboard.store.database import Store

    Store.open(url, blobs=blobs).close()


def _new_database(request):
    server = request.getfixturevalue("postgresql")
    name = f"board{next(_NUMBERS)}"
    with _connected(server.format("postgres")) as link:
        link.execute(f"CREATE DATABASE {name}")
    _make_tables(server.format(name), request.getfixturevalue("tmp_path") / "no-blobs")
    with _connected(server.format(name)) as link:
        link.execute("DELETE FROM meta WHERE key = 'blobs'")
    return server.format(name)


def _emptied(url):
    """Whether a database is as if new again: not where a test has changed its schema."""
    import psycopg

    from leaderboard.store.models import SCHEMA, Base

    tables = ", ".join(table.name for table in Base.metadata.sorted_tables)
    try:
        with _connected(url) as link:
            link.execute("SET lock_timeout = '5s'")
            # The triggers that keep the audit log do not fire in this role.
            link.execute("SET session_replication_role = replica")
            link.execute(f"TRUNCATE {tables}")
            return link.execute("SELECT version_num FROM alembic_version").fetchone() == (SCHEMA,)
    except psycopg.Error:
        return False


def _connected(url):
    import psycopg

    return psycopg.connect(url.replace("+psycopg", ""), autocommit=True)


@pytest.fixture
def new_store(new_url, tmp_path):
    """A function that opens a fresh, empty store of a kind. All stores are closed at the end."""
    from leaderboard.store.database import Store

    opened = []

    def new(kind):
        store = Store.open(new_url(kind), blobs=tmp_path / f"blobs-{next(_NUMBERS)}")
        opened.append(store)
        return store

    yield new
    for store in opened:
        store.close()


@pytest.fixture(params=["sqlite", "postgresql"])
def kind(request):
    """Each kind of database."""
    return request.param


@pytest.fixture
def store(kind, new_store):
    """A fresh, empty store of each kind."""
    return new_store(kind)


@pytest.fixture
def service(store):
    """The service over a store of each kind, with a scorer of synthetic bundles."""
    from leaderboard.service import Service
    from tests.leaderboard.synthetic import Clock, score

    service = Service(store, score=score, now=Clock())
    yield service
    service.close()
