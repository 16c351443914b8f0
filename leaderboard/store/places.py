"""Locations of a store: the user's data folder, a path, or the URL of a database."""

import os
from pathlib import Path
from typing import NamedTuple

from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

from data_gen.foundation.documents import digest_of
from data_gen.foundation.errors import UsageError

VARIABLE = "DGBENCH_STORE"
"""Environment variable that replaces `--db`."""
BLOBS_VARIABLE = "DGBENCH_BLOBS"
"""Environment variable that names the blobs' folder, if it is not beside the database."""
_FILE = "leaderboard.sqlite"
_POSTGRESQL = ("postgresql", "postgres")
"""Both spellings of the scheme that hosts of databases print."""
_SUFFIXES = (".sqlite", ".sqlite3", ".db")

NETWORKED = frozenset(
    (
        "afs",
        "beegfs",
        "ceph",
        "cifs",
        "davfs",
        "fuse.glusterfs",
        "fuse.sshfs",
        "glusterfs",
        "gpfs",
        "lustre",
        "ncpfs",
        "nfs",
        "nfs4",
        "ocfs2",
        "smb3",
        "smbfs",
    )
)
"""File systems on which SQLite's locks cannot be relied on."""


class StoreLocation(NamedTuple):
    """A database and its folder of blobs."""

    url: URL
    blobs: Path
    is_named: bool = False
    """Whether somebody named the folder. Otherwise the database may know where it is."""


def place_of(location: str | None = None) -> StoreLocation:
    """Find the database and folder that `--db`, DGBENCH_STORE or neither names."""
    location = location or os.environ.get(VARIABLE) or None
    if location is None:
        return _file(_data_folder() / _FILE)
    if "://" not in location:
        path = Path(location)
        return _file(path if path.suffix in _SUFFIXES else path / _FILE)
    try:
        url = make_url(location)
    except ArgumentError as error:
        raise UsageError(f"--db is not understood: {error}. {_FORMS}") from error
    if url.get_backend_name() == "sqlite" and url.database not in (None, "", ":memory:"):
        return _file(Path(str(url.database)))
    if url.get_backend_name() not in _POSTGRESQL:
        raise UsageError(f"--db names a database of {url.drivername!r}. {_FORMS}")
    url = url.set(drivername="postgresql+psycopg")
    folder = _blobs()
    return StoreLocation(
        url, folder or _data_folder() / f"blobs-{_name(url)}", is_named=folder is not None
    )


def named(place: StoreLocation) -> str:
    """Name a store for people: the path of its file, or its URL without a password."""
    is_file = place.url.get_backend_name() == "sqlite"
    return str(place.url.database) if is_file else place.url.render_as_string()


_FORMS = "Give a folder, a file such as board.sqlite, or postgresql+psycopg://USER@HOST/DATABASE."


def _file(path: Path) -> StoreLocation:
    path = path.expanduser().resolve()
    _refuse_networked(path)
    return StoreLocation(
        URL.create("sqlite", database=str(path)), _blobs() or path.with_suffix(".blobs")
    )


def _blobs() -> Path | None:
    given = os.environ.get(BLOBS_VARIABLE)
    return Path(given).expanduser().resolve() if given else None


def _data_folder() -> Path:
    from platformdirs import user_data_path

    return user_data_path("dgbench", appauthor=False) / "leaderboard"


def _name(url: URL) -> str:
    """Name a database's folder the same for every login."""
    text = f"{url.host}:{url.port}/{url.database}"
    return digest_of(text)[:12]


def _refuse_networked(path: Path) -> None:
    kind = file_system_of(path)
    if kind in NETWORKED:
        raise UsageError(
            f"{str(path)!r} lies on a network file system ({kind}), on which SQLite loses writes. "
            "Name a local folder, or use PostgreSQL: --db postgresql+psycopg://USER@HOST/DATABASE."
        )


def file_system_of(path: Path) -> str:
    """Return the type of the file system of a path, or an empty text if it is unknown."""
    import psutil

    mounts = {Path(part.mountpoint): part.fstype for part in psutil.disk_partitions(all=True)}
    return next((mounts[place] for place in (path, *path.parents) if place in mounts), "").lower()
