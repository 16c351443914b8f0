"""A store of each kind: SQLite in a file, PostgreSQL in a server of the tests' own."""

import os
import shutil
import subprocess
import tempfile
from itertools import count
from pathlib import Path

import pytest

# The rooms are imported within the fixtures: the shape checker must be there before they are.
_NUMBERS = count()


@pytest.fixture(scope="session")
def postgresql():
    """The URL of a running server, without a database; it listens on a socket file only."""
    binaries = _binaries()
    if binaries is None:
        if "CI" in os.environ:
            pytest.fail("PostgreSQL is not installed; .ci/run installs it.")
        pytest.skip("PostgreSQL is not installed (no initdb).")
    # Not below pytest's folder: the server's user may not enter that.
    folder = Path(tempfile.mkdtemp(prefix="dgbench-pg-"))
    as_user = {}
    if os.geteuid() == 0:
        as_user = {"user": "postgres", "group": "postgres", "extra_groups": []}
        shutil.chown(folder, "postgres", "postgres")
    data = folder / "data"
    run = {"cwd": folder, "check": True, "capture_output": True, **as_user}
    subprocess.run(
        [binaries / "initdb", "-D", data, "-A", "trust", "-U", "dgbench", "-E", "UTF8",
         "--locale", "C", "--no-sync"], **run,
    )  # fmt: skip
    options = f"-k {folder} -c listen_addresses='' -c fsync=off -c max_connections=100"
    try:
        subprocess.run(
            [binaries / "pg_ctl", "-D", data, "-w", "-l", folder / "log", "-o", options, "start"],
            **{**run, "capture_output": False, "stdout": subprocess.DEVNULL},
        )
        yield f"postgresql+psycopg://dgbench@/{{}}?host={folder}"
    finally:
        subprocess.run(
            [binaries / "pg_ctl", "-D", data, "-m", "immediate", "stop"],
            **{**run, "check": False},
        )
        shutil.rmtree(folder, ignore_errors=True)


def _binaries():
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if found:
        return found[-1].parent
    on_path = shutil.which("initdb")
    return Path(on_path).resolve().parent if on_path else None


@pytest.fixture
def new_url(request, tmp_path):
    """A function that names a fresh, empty store of a kind; its tables are there already."""

    def url(kind):
        template = request.getfixturevalue(f"{kind}_template")
        if kind == "sqlite":
            path = tmp_path / f"store-{next(_NUMBERS)}" / "board.sqlite"
            path.parent.mkdir()
            shutil.copy(template, path)
            return str(path)
        server = request.getfixturevalue("postgresql")
        return _new_database(server, f"board{next(_NUMBERS)}", template)

    return url


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory):
    """A file with the tables, to be copied: migrating anew for each test takes far longer."""
    path = tmp_path_factory.mktemp("template") / "board.sqlite"
    _make_tables(str(path), path.with_suffix(".blobs"))
    return path


@pytest.fixture(scope="session")
def postgresql_template(postgresql, tmp_path_factory):
    """The name of a database with the tables."""
    name = "template_of_boards"
    url = _new_database(postgresql, name, "template1")
    _make_tables(url, tmp_path_factory.mktemp("blobs"))
    return name


def _make_tables(url, blobs):
    from leaderboard.store.database import Store

    Store.open(url, blobs=blobs).close()


def _new_database(server, name, template):
    import psycopg

    host = server.partition("host=")[2]
    with psycopg.connect(f"host={host} user=dgbench dbname=postgres", autocommit=True) as link:
        link.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
    return server.format(name)


@pytest.fixture
def new_store(new_url, tmp_path):
    """A function that opens a fresh, empty store of a kind; all are closed at the end."""
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
