"""Backups: one archive for both databases, with tables as JSON lines and blobs by digest."""

import base64
import json
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, LargeBinary, Table, func, insert, select, true
from sqlalchemy.orm import Session

from data_gen.foundation.documents import canonical_json, digest_of
from data_gen.foundation.errors import DGBenchError, UsageError
from data_gen.foundation.files import draft_of
from leaderboard.store import audit, meta
from leaderboard.store.database import Store
from leaderboard.store.models import SCHEMA, Base, MetaRow, SubmissionRow

_LIST = "backup.json"
_KIND = "dgbench leaderboard backup"
_AT_ONCE = 500
_EPOCH = (1980, 1, 1, 0, 0, 0)


class Contents(NamedTuple):
    """The size of an archive's contents."""

    submissions: int
    blobs: int


def backup(store: Store, archive: Path) -> Contents:
    """Write one state of the store to an archive, whole or not at all."""
    try:
        archive.parent.mkdir(parents=True, exist_ok=True)
        with (
            draft_of(archive, is_shared=True) as draft,
            store.read() as session,
            zipfile.ZipFile(draft, "x") as file,
        ):
            return _write(session, store, file)
    except OSError as error:
        raise DGBenchError(f"Cannot write {str(archive)!r}: {error.strerror}.") from error


def restore(store: Store, archive: Path) -> Contents:
    """Fill an empty store from an archive, after checking all of it, or change nothing."""
    try:
        with zipfile.ZipFile(archive) as file:
            about = _checked_list(file, archive)
            blobs = _restore_blobs(store, file, archive)
            with store.write() as session:
                _check_empty(session)
                for table in Base.metadata.sorted_tables:
                    _restore_table(session, file, table, about["tables"], archive)
                session.flush()
                problem = next(audit.breaks(session), None)
                if problem is not None:
                    raise DGBenchError(f"{str(archive)!r}: {problem} Nothing was restored.")
                n = session.scalar(select(func.count()).select_from(SubmissionRow)) or 0
                _check_blobs(session, blobs, archive)
    except DGBenchError:
        raise
    except (OSError, zipfile.BadZipFile, KeyError, ValueError) as error:
        raise DGBenchError(f"{str(archive)!r} is not a whole backup: {error}.") from error
    return Contents(n, len(blobs))


def _write(session: Session, store: Store, file: zipfile.ZipFile) -> Contents:
    digests = {}
    for table in Base.metadata.sorted_tables:
        text = "".join(
            f"{canonical_json(row, ensure_ascii=False)}\n" for row in _rows(session, table)
        ).encode()
        digests[table.name] = digest_of(text)
        _add(file, f"tables/{table.name}.jsonl", text, zipfile.ZIP_DEFLATED)
    named = sorted(_named(session))
    for digest in named:
        _add(file, f"blobs/{digest}", store.blobs.read(digest), zipfile.ZIP_STORED)
    about = {"kind": _KIND, "schema": SCHEMA, "tables": digests}
    _add(file, _LIST, canonical_json(about).encode(), zipfile.ZIP_STORED)
    n = session.scalar(select(func.count()).select_from(SubmissionRow)) or 0
    return Contents(n, len(named))


def _named(session: Session) -> set[str]:
    """Read the digests of the blobs that rows name."""
    columns = SubmissionRow.bundle_digest, SubmissionRow.evidence_digest
    return {digest for row in session.execute(select(*columns)) for digest in row}


def _rows(session: Session, table: Table) -> Iterator[dict[str, Any]]:
    order = sorted(table.primary_key.columns, key=lambda column: column.name)
    rows = select(table).order_by(*order).where(_belongs_to_archive(table))
    for row in session.execute(rows).mappings():
        yield {
            name: base64.b64encode(value).decode() if isinstance(value, bytes) else value
            for name, value in row.items()
        }


def _belongs_to_archive(table: Table) -> ColumnElement[bool]:
    """Leave out where the blobs are, which differs from machine to machine."""
    if table.name == MetaRow.__tablename__:
        return table.columns["key"] != meta.BLOBS
    return true()


def _add(file: zipfile.ZipFile, name: str, data: bytes, method: int) -> None:
    """Add a member without the time of writing, so that equal stores make equal archives."""
    member = zipfile.ZipInfo(name, _EPOCH)
    member.compress_type = method
    file.writestr(member, data)


def _checked_list(file: zipfile.ZipFile, archive: Path) -> dict[str, Any]:
    about = json.loads(file.read(_LIST))
    if about.get("kind") != _KIND:
        raise UsageError(f"{str(archive)!r} is not a backup of a leaderboard.")
    if about.get("schema") != SCHEMA:
        raise UsageError(
            f"{str(archive)!r} has tables of revision {about.get('schema')!r}, this dgbench of "
            f"{SCHEMA!r}. Restore it with the dgbench that made it, then open that store with this."
        )
    return dict(about)


def _check_empty(session: Session) -> None:
    for table in Base.metadata.sorted_tables:
        if session.scalar(
            select(func.count()).where(_belongs_to_archive(table)).select_from(table)
        ):
            raise UsageError(
                f"The store is not empty: there are rows in {table.name!r}. Restore into a new "
                "one, named with --db."
            )


def _restore_blobs(store: Store, file: zipfile.ZipFile, archive: Path) -> set[str]:
    restored = set()
    for name in file.namelist():
        folder, _, digest = name.partition("/")
        if folder != "blobs":
            continue
        if store.blobs.write(file.read(name)) != digest:
            raise DGBenchError(f"{str(archive)!r}: the blob {digest} is damaged.")
        restored.add(digest)
    return restored


def _restore_table(
    session: Session, file: zipfile.ZipFile, table: Table, digests: dict[str, str], archive: Path
) -> None:
    data = file.read(f"tables/{table.name}.jsonl")
    if digest_of(data) != digests[table.name]:
        raise DGBenchError(f"{str(archive)!r}: the table {table.name!r} is damaged.")
    binary = {c.name for c in table.columns if isinstance(c.type, LargeBinary)}
    rows = [json.loads(line) for line in data.splitlines()]
    for row in rows:
        for name in binary:
            row[name] = base64.b64decode(row[name])
    for start in range(0, len(rows), _AT_ONCE):
        session.execute(insert(table), rows[start : start + _AT_ONCE])


def _check_blobs(session: Session, blobs: set[str], archive: Path) -> None:
    lost = _named(session) - blobs
    if lost:
        raise DGBenchError(f"{str(archive)!r} lacks the blob {min(lost)}. Nothing was restored.")
