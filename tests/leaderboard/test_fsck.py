"""`audit`, `fsck`, `backup` and `restore` find what is wrong and lose nothing."""

import os
import time
import zipfile

import pytest

from data_gen.foundation.errors import DGBenchError, UsageError
from leaderboard.records import OPERATOR
from tests.leaderboard.synthetic import bundle


@pytest.fixture
def filled(service):
    for n in range(4):
        service.receive(bundle(f"m{n}", level=0.3 + 0.1 * n), OPERATOR)
    service.receive(bundle("m0", level=0.6, version="2"), OPERATOR)
    gone = service.receive(bundle("gone"), OPERATOR)
    service.withdraw(gone.submission_id, OPERATOR)
    return service


def change(service, statement):
    with service.store.write() as session:
        session.connection().exec_driver_sql(statement)


def test_a_sound_store_has_no_problem(filled):
    report = filled.audit()
    assert report.problems == ()
    assert (report.rescored, report.rows) == (6, 5)
    assert filled.fsck(sample=2).rescored == 2
    assert filled.status().last_fsck_problems == 0


@pytest.mark.parametrize(
    ("statement", "told"),
    [
        ("UPDATE submission SET facts = REPLACE(facts, '0.', '0.9')", "stored shown facts"),
        ("UPDATE submission SET card = '{}'", "stored score card"),
        ("UPDATE submission SET manifest = '{}'", "stored manifest"),
        ("UPDATE submission SET method = 'other'", "stored method"),
        ("UPDATE submission SET selection = 'oracle'", "stored group"),
        ("UPDATE submission SET state = 'hidden'", "row that is shown"),
        (
            "UPDATE board_view SET document = REPLACE(document, '\"rank\":', '\"rank\":1')",
            "row that is shown",
        ),
        ("UPDATE board_view SET position = 9 - position", "row that is shown"),
        ("DELETE FROM board_view", "row that is shown"),
        ("UPDATE evidence SET bitmap = replicates", "stored evidence"),
        ("UPDATE evidence SET summary = REPLACE(summary, '0.', '0.1')", "stored evidence"),
    ],
)
def test_a_changed_number_is_found(filled, statement, told):
    change(filled, statement)
    assert any(told in problem for problem in filled.audit().problems)


def test_a_deleted_submission_is_reported(filled):
    identifier = filled.identifiers()[0]
    for table in ("board_view", "evidence", "nonce"):
        change(filled, f"DELETE FROM {table} WHERE submission_id = '{identifier}'")  # noqa: S608
    change(filled, f"DELETE FROM submission WHERE id = '{identifier}'")  # noqa: S608
    assert any("it is not there" in problem for problem in filled.audit().problems)


def test_lost_and_damaged_files_are_found(filled):
    lost, damaged = list(filled.store.blobs.digests())[:2]
    filled.store.blobs.path(lost).unlink()
    filled.store.blobs.path(damaged).write_bytes(b"x")
    told = "\n".join(filled.fsck(sample=0).problems)
    assert f"The blob {lost} is lost" in told
    assert f"The blob {damaged} is damaged" in told
    assert filled.status().last_fsck_problems == 2


def test_leftovers_of_killed_processes_are_removed_once_old(filled):
    blobs = filled.store.blobs
    orphan = blobs.path(blobs.write(b"of no row"))
    draft = orphan.with_name("half.partial")
    draft.write_bytes(b"hal")
    assert filled.fsck(sample=0).removed == 0
    long_ago = time.time() - 2 * 86_400
    for path in orphan.parent.parent.rglob("*"):
        os.utime(path, (long_ago, long_ago))
    assert filled.fsck(sample=0).removed == 2
    assert not orphan.exists()
    assert not draft.exists()
    assert filled.audit().problems == ()


def test_an_orphan_that_is_stored_again_counts_as_new(store):
    path = store.blobs.path(store.blobs.write(b"bytes"))
    os.utime(path, (0, 0))
    store.blobs.write(b"bytes")
    assert time.time() - path.stat().st_mtime < 60


def test_a_backup_goes_into_an_empty_store_only(filled, tmp_path):
    filled.backup(tmp_path / "b.zip")
    assert filled.status().last_backup_at
    from leaderboard.store.backup import restore

    with pytest.raises(UsageError, match="not empty"):
        restore(filled.store, tmp_path / "b.zip")


def damaged(archive, target, *, name, data):
    with zipfile.ZipFile(archive) as source, zipfile.ZipFile(target, "w") as file:
        for member in source.namelist():
            if member == name and data is None:
                continue
            file.writestr(member, data if member == name else source.read(member))


@pytest.mark.parametrize("what", ["table", "blob", "no blob", "list", "cut", "other"])
def test_a_damaged_backup_restores_nothing(filled, new_store, tmp_path, what):
    from leaderboard.store.backup import restore

    archive, target = tmp_path / "b.zip", tmp_path / "damaged.zip"
    filled.backup(archive)
    with zipfile.ZipFile(archive) as file:
        blob = next(name for name in file.namelist() if name.startswith("blobs/"))
    if what == "cut":
        target.write_bytes(archive.read_bytes()[:-400])
    elif what == "other":
        with zipfile.ZipFile(target, "w") as file:
            file.writestr("hello.txt", "hello")
    else:
        name, data = {
            "table": ("tables/meta.jsonl", b'{"key":"revision","value":"99"}\n'),
            "blob": (blob, b"x"),
            "no blob": (blob, None),
            "list": ("backup.json", b"{}"),
        }[what]
        damaged(archive, target, name=name, data=data)
    store = new_store("sqlite")
    with pytest.raises(DGBenchError):
        restore(store, target)
    from leaderboard.service import Service

    empty = Service(store)
    assert empty.status().n_submissions == 0
    assert empty.events() == ()
    empty.close()
