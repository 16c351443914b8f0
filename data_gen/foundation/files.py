"""Files and folders that are written whole or not at all, so that no reader meets half of one."""

import glob
import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from data_gen.foundation.errors import DGBenchError

DRAFT_SUFFIX = ".partial"
"""End of the names of files that are being written."""


def write_whole(path: Path, data: bytes) -> None:
    """Write a file, and the folders above it, and make sure that it is on the disk.

    Raises DGBenchError where that fails; the file is then as it was.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with draft_of(path, is_shared=True) as draft:
            draft.write_bytes(data)
    except OSError as error:
        raise DGBenchError(f"Cannot write {str(path)!r}: {error.strerror}.") from error


def write_once(path: Path, data: bytes, *, mode: int) -> None:
    """Write a file with these permissions, unless it exists already.

    If two processes do so at the same time, the file of the first one stays.
    """
    draft = draft_path(path, is_shared=True)
    try:
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        with suppress(FileExistsError):
            os.link(draft, path)
    finally:
        draft.unlink(missing_ok=True)


@contextmanager
def draft_of(path: Path, *, is_shared: bool = False, is_durable: bool = True) -> Iterator[Path]:
    """Give a path to write to, and put that file in the place of `path` when the block ends.

    If the block raises, `path` stays as it was and nothing is left beside it.

    Args:
        path: The file to write. Its folder must exist.
        is_shared: Whether several processes or threads may write it at the same time. Each then
            has a draft of its own. Otherwise a draft that a killed process left is written over.
        is_durable: Whether to wait until the content is on the disk.
    """
    draft = draft_path(path, is_shared=is_shared)
    try:
        yield draft
        if is_durable:
            with draft.open("rb+") as stream:
                os.fsync(stream.fileno())
        draft.replace(path)
    finally:
        with suppress(OSError):
            draft.unlink(missing_ok=True)


def draft_path(path: Path, *, is_shared: bool = False) -> Path:
    """Name the draft of a file: the same one each time, unless several may write the file."""
    token = f".{os.getpid()}.{secrets.token_hex(4)}" if is_shared else ""
    return path.with_name(f".{path.name}{token}{DRAFT_SUFFIX}")


@contextmanager
def folder_whole(folder: Path) -> Iterator[Path]:
    """Give a new folder to write to, and put it in the place of `folder` when the block ends.

    What is in `folder` is then deleted. If the block raises, `folder` stays as it was. An empty
    folder that exists is filled, since it may be a mount or the working folder.
    """
    folder = folder.resolve()
    if folder.is_dir() and not any(_not_abandoned(folder)):
        with _filled(folder) as draft:
            yield draft
        return
    draft = folder.parent / f".{folder.name}{DRAFT_SUFFIX}-{os.getpid()}"
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        _remove_abandoned(folder)
        draft.mkdir()
        yield draft
        _swap_in(draft, folder)
    finally:
        shutil.rmtree(draft, ignore_errors=True)


@contextmanager
def _filled(folder: Path) -> Iterator[Path]:
    """Give a folder inside an empty one, and move its contents up when the block ends."""
    for abandoned in list(folder.iterdir()):
        shutil.rmtree(abandoned, ignore_errors=True)
    draft = folder / f"{DRAFT_SUFFIX}-{os.getpid()}"
    draft.mkdir()
    try:
        yield draft
        for path in sorted(draft.iterdir()):
            path.rename(folder / path.name)
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def _not_abandoned(folder: Path) -> Iterator[Path]:
    """Yield the contents of a folder, apart from the drafts of processes that were killed."""
    for path in folder.iterdir():
        prefix, _, process = path.name.rpartition("-")
        is_draft = prefix == DRAFT_SUFFIX and process.isdigit()
        if not (is_draft and not _is_running(int(process))):
            yield path


def _remove_abandoned(folder: Path) -> None:
    """Delete the drafts of a folder whose process was killed before it could do so itself."""
    for draft in folder.parent.glob(f".{glob.escape(folder.name)}{DRAFT_SUFFIX}-*"):
        process = draft.name.rpartition("-")[2]
        if process.isdigit() and not _is_running(int(process)):
            shutil.rmtree(draft, ignore_errors=True)


def _is_running(process: int) -> bool:
    if os.name == "nt":
        return True  # On Windows, signal 0 would end the process instead of asking for it.
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _swap_in(draft: Path, folder: Path) -> None:
    """Put the finished draft in the place of `folder`, which comes back if that fails."""
    if not folder.exists():
        draft.rename(folder)
        return
    retired = draft.with_name(f"{draft.name}-old")
    folder.rename(retired)
    try:
        draft.rename(folder)
    except OSError:
        retired.rename(folder)
        raise
    shutil.rmtree(retired, ignore_errors=True)
