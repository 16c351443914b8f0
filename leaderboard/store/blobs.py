"""Files under the SHA-256 of their content, written whole or not at all, never changed."""

import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

from data_gen.foundation.documents import digest_of
from data_gen.foundation.errors import DGBenchError
from data_gen.foundation.files import DRAFT_SUFFIX, write_whole
from dgbench.submission.format.members import MAX_BUNDLE_BYTES
from leaderboard.store.failures import StoreFullError, StoreUnavailableError, is_full

LEAST_FREE_BYTES = 4 * MAX_BUNDLE_BYTES
"""With less room than this a store is not ready for submissions."""
MOUNT = "Mount it where it was, or name its place with DGBENCH_BLOBS."
_NAME = re.compile(r"[0-9a-f]{64}")


class Blobs:
    """A folder of blobs, whose names callers never choose."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def write(self, data: bytes) -> str:
        """Keep some bytes, and return their digest once they are on the disk."""
        digest = digest_of(data)
        path = self.path(digest)
        self.check_folder()
        if path.is_file() and path.stat().st_size == len(data):
            # It is wanted anew, so the search for orphans must not take it for an old one.
            os.utime(path)
            return digest
        try:
            write_whole(path, data)
            _flush_folder(path.parent)
        except DGBenchError as error:
            raise (StoreFullError(str(error)) if is_full(error) else error) from error.__cause__
        except OSError as error:
            raise DGBenchError(f"Cannot write {str(path)!r}: {error.strerror}.") from error
        return digest

    def check_folder(self) -> None:
        """Raise StoreUnavailableError if the whole folder is away, such as one of a network."""
        if not self.folder.is_dir():
            raise StoreUnavailableError(
                f"The store's folder of files {str(self.folder)!r} is not there. {MOUNT}"
            )

    def is_empty(self) -> bool:
        """Tell whether there is no folder or nothing in it, such as where nothing is mounted."""
        return next(self.digests(), None) is None

    def check_room(self) -> None:
        """Raise StoreFullError if there is no room for a few of the largest bundles."""
        self.check_folder()
        n_free = self.n_free_bytes()
        if n_free < LEAST_FREE_BYTES:
            raise StoreFullError(
                f"{str(self.folder)!r} has {n_free:,} bytes left; {LEAST_FREE_BYTES:,} are needed."
            )

    def n_free_bytes(self) -> int:
        """Return how many bytes can still be written."""
        return shutil.disk_usage(self.folder).free

    def read(self, digest: str) -> bytes:
        """Read the bytes of a digest, or raise DGBenchError: they are lost or damaged."""
        path = self.path(digest)
        try:
            data = path.read_bytes()
        except OSError as error:
            self.check_folder()
            raise DGBenchError(
                f"The blob {digest} is lost: {error.strerror}. `dgbench leaderboard restore` "
                "brings it back from a backup."
            ) from error
        if digest_of(data) != digest:
            raise DGBenchError(
                f"The blob {digest} is damaged. `dgbench leaderboard restore` brings it back from "
                "a backup."
            )
        return data

    def has(self, digest: str) -> bool:
        """Tell whether there is such a file, whole or not."""
        return self.path(digest).is_file()

    def digests(self) -> Iterator[str]:
        """List the digests of all blobs, sorted."""
        for folder in sorted(self.folder.glob("[0-9a-f][0-9a-f]")):
            yield from sorted(path.name for path in folder.iterdir() if _NAME.fullmatch(path.name))

    def drafts(self) -> Iterator[Path]:
        """List the files that were begun and not finished."""
        yield from sorted(self.folder.glob(f"[0-9a-f][0-9a-f]/*{DRAFT_SUFFIX}"))

    def path(self, digest: str) -> Path:
        """Return the path of a blob."""
        if not _NAME.fullmatch(digest):
            raise DGBenchError(f"{digest!r} is not a SHA-256; the store's tables are damaged.")
        return self.folder / digest[:2] / digest


def _flush_folder(folder: Path) -> None:
    """Make sure that a new name in a folder survives a power cut, if the system can."""
    if os.name != "posix":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
