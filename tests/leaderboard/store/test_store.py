"""The store itself, on both databases: tables, places, the audit chain, blobs."""

import sqlite3
import subprocess
import sys

import pytest

from data_gen.foundation.errors import DGBenchError, UsageError
from leaderboard.store import audit, meta
from tests.leaderboard.synthetic import bundle


def test_the_migrations_make_the_tables_that_the_models_describe(store):
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    from leaderboard.store.models import Base

    with store.engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), Base.metadata) == []


def test_schema_is_the_newest_migration():
    from alembic.config import Config
    from alembic.script import ScriptDirectory

    import leaderboard.store.migrate as migrate
    from leaderboard.store.models import SCHEMA

    config = Config()
    config.set_main_option("script_location", migrate.__file__.replace("migrate.py", "migrations"))
    assert ScriptDirectory.from_config(config).get_current_head() == SCHEMA


def test_a_store_of_a_newer_dgbench_is_refused(store):
    from sqlalchemy import text

    from leaderboard.store.database import Store

    with store.engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    url = store.engine.url.render_as_string(hide_password=False)
    with pytest.raises(DGBenchError, match="another dgbench, a newer one perhaps"):
        Store.open(url, blobs=store.blobs.folder)


def test_sqlite_is_set_up_to_lose_nothing(new_store):
    store = new_store("sqlite")
    with store.engine.connect() as connection:
        for pragma, value in (
            ("journal_mode", "wal"),
            ("synchronous", 2),
            ("foreign_keys", 1),
            ("busy_timeout", 30_000),
        ):
            assert connection.exec_driver_sql(f"PRAGMA {pragma}").scalar() == value


def test_a_writer_holds_the_lock_from_the_start(new_store):
    store = new_store("sqlite")
    with store.write():
        other = sqlite3.connect(str(store.engine.url.database), timeout=0.05)
        with pytest.raises(sqlite3.OperationalError, match="locked"):
            other.execute("BEGIN IMMEDIATE")
        other.close()


def test_an_error_within_a_write_changes_nothing(store):

    class OnPurposeError(Exception):
        pass

    def change_and_fail():
        with store.write() as session:
            meta.write(session, "revision", "7")
            raise OnPurposeError

    with pytest.raises(OnPurposeError):
        change_and_fail()
    with store.read() as session:
        assert meta.revision(session) == 0


def test_network_file_systems_are_refused(tmp_path, monkeypatch):
    from leaderboard.store import places

    monkeypatch.setattr(places, "file_system_of", lambda _: "nfs4")
    with pytest.raises(UsageError, match="network file system \\(nfs4\\)"):
        places.place_of(str(tmp_path / "board.sqlite"))


def test_the_file_system_of_a_path_is_identified(tmp_path):
    from leaderboard.store.places import NETWORKED, file_system_of

    file_system = file_system_of(tmp_path / "not" / "there")
    assert file_system
    assert file_system not in NETWORKED


@pytest.mark.parametrize(
    ("address", "message"),
    [
        ("mysql://host/name", "names a database of 'mysql'"),
        ("://", "not understood"),
        ("sqlite://", "names a database of 'sqlite'"),
    ],
)
def test_other_databases_are_refused(address, message):
    from leaderboard.store.places import place_of

    with pytest.raises(UsageError, match=message):
        place_of(address)


def test_the_place_is_an_argument_a_variable_or_the_users_folder(tmp_path, monkeypatch):
    from leaderboard.store.places import place_of

    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.delenv("DGBENCH_STORE", raising=False)
    assert "dgbench" in str(place_of().url)
    monkeypatch.setenv("DGBENCH_STORE", str(tmp_path / "a"))
    assert place_of().url.database == str(tmp_path / "a" / "leaderboard.sqlite")
    assert place_of(f"sqlite:///{tmp_path}/b.sqlite").blobs == tmp_path / "b.blobs"
    place = place_of("postgresql://someone@host/board")
    assert place.url.drivername == "postgresql+psycopg"
    assert place.blobs == place_of("postgresql://other@host/board").blobs
    assert place.blobs != place_of("postgresql://someone@host/board2").blobs


def test_a_database_that_cannot_be_reached_is_named_without_its_password():
    from leaderboard.store.database import Store

    with pytest.raises(DGBenchError) as caught:
        Store.open("postgresql+psycopg://me:secret@127.0.0.1:1/board")
    assert "cannot be opened" in str(caught.value)
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("change", ["UPDATE audit SET actor = 'x'", "DELETE FROM audit"])
def test_the_database_forbids_changes_to_the_audit_log(service, change):
    from sqlalchemy import text
    from sqlalchemy.exc import DBAPIError

    from leaderboard.records import OPERATOR

    service.receive(bundle(), OPERATOR)
    with pytest.raises(DBAPIError, match="append-only"), service.store.write() as session:
        session.execute(text(change))
    with service.store.read() as session:
        assert list(audit.breaks(session)) == []


def test_a_broken_chain_is_reported(new_store):
    from sqlalchemy import text

    from leaderboard.records import OPERATOR
    from leaderboard.service import Service
    from tests.leaderboard.synthetic import score

    service = Service(new_store("sqlite"), score=score)
    for method in ("a", "b", "c", "d"):
        service.receive(bundle(method), OPERATOR)
    changes = {
        "UPDATE audit SET actor = 'x' WHERE number = 2": "entry 2 was changed",
        "UPDATE audit SET previous = 'x' WHERE number = 3": "entry 3 does not follow",
        "DELETE FROM audit WHERE number = 1": "entry 1 is missing",
    }
    with service.store.write() as session:
        session.execute(text("DROP TRIGGER audit_no_update"))
        session.execute(text("DROP TRIGGER audit_no_delete"))
        for change in changes:
            session.execute(text(change))
    with service.store.read() as session:
        told = "\n".join(audit.breaks(session))
    for message in changes.values():
        assert message in told
    service.close()


def test_blobs_are_kept_whole_and_checked(tmp_path):
    from leaderboard.store.blobs import Blobs

    blobs = Blobs(tmp_path)
    digest = blobs.write(b"some bytes")
    assert blobs.write(b"some bytes") == digest
    assert blobs.read(digest) == b"some bytes"
    assert list(blobs.digests()) == [digest]
    blobs.path(digest).write_bytes(b"other bytes")
    with pytest.raises(DGBenchError, match="is damaged"):
        blobs.read(digest)
    with pytest.raises(DGBenchError, match="is lost"):
        blobs.read("0" * 64)
    with pytest.raises(DGBenchError, match="not a SHA-256"):
        blobs.read("../../etc/passwd")


def test_the_store_imports_no_torch():
    rooms = "leaderboard.service, leaderboard.cli.admin, leaderboard.export.folder"
    code = f"import sys, {rooms}; sys.exit(any(n.split('.')[0] == 'torch' for n in sys.modules))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
