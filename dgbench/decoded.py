"""Splits on disk, decoded once and then kept as plain arrays in the cache of this machine."""

import os
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import suppress
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pooch

from data_gen.formats import split_path
from data_gen.foundation.documents import digest_of
from data_gen.foundation.files import draft_of
from data_gen.generator import Chunk
from data_gen.manifest import Manifest
from data_gen.readers import ReadChunk, read_rows, take
from data_gen.spec import Spec

CACHE_VARIABLE = "DGBENCH_CACHE"
"""Environment variable with the folder for files that dgbench can make again."""

_ROWS = 2000


def cache_folder() -> Path:
    """The folder for decoded splits and other files that can be made again."""
    given = os.environ.get(CACHE_VARIABLE)
    try:
        return Path(given).expanduser() if given else Path(pooch.os_cache("dgbench"))
    except RuntimeError:  # no home
        return Path(tempfile.gettempdir(), "dgbench")


def decoded_chunks(folder: Path, manifest: Manifest, spec: Spec, name: str) -> Iterator[Chunk]:
    """The rows of one split on disk, whose PNG images are decoded only the first time."""
    path = _cached_path(folder, manifest, name)
    if path is None:
        for chunk in _read(folder, manifest, spec, name):
            yield from _by_environment(chunk, spec)
        return
    arrays = _cached(path) or _decode(path, folder, manifest, spec, name)
    images = arrays.pop("images")
    for start in range(0, len(images), _ROWS):
        rows = slice(start, start + _ROWS)
        columns = {key: column[rows] for key, column in arrays.items()}
        yield from _by_environment(ReadChunk(images[rows], columns), spec)


def _cached_path(folder: Path, manifest: Manifest, name: str) -> Path | None:
    """The cached file for the present state of the split's file, if there can be one."""
    file = split_path(folder, name, manifest.layout)
    if manifest.layout == "imagefolder":
        return None  # thousands of files, none of which shows whether another has changed
    with suppress(OSError):
        state = file.stat()
        record = manifest.splits[name]
        key = (
            f"{file.resolve()}|{state.st_size}|{state.st_mtime_ns}|{record.pixels}|{record.labels}"
        )
        return cache_folder() / "decoded" / f"{digest_of(key)[:32]}.npz"
    return None


def _cached(path: Path) -> dict[str, Any]:
    """The arrays in a cached file, empty if it is not there or cannot be read."""
    try:
        with np.load(path, allow_pickle=False) as archive:
            return {key: archive[key] for key in archive.files}
    except (OSError, ValueError, zipfile.BadZipFile):
        return {}


def _decode(path: Path, folder: Path, manifest: Manifest, spec: Spec, name: str) -> dict[str, Any]:
    """Decode a split, and write it to the cache if that is possible."""
    chunks = list(_read(folder, manifest, spec, name))
    arrays: dict[str, Any] = {
        key: np.concatenate([c.columns[key] for c in chunks]) for key in chunks[0].columns
    }
    arrays["images"] = np.concatenate([chunk.images for chunk in chunks])
    with suppress(OSError):  # without a cache, the next run decodes again
        path.parent.mkdir(parents=True, exist_ok=True)
        with (
            draft_of(path, is_shared=True, is_durable=False) as draft,
            draft.open("wb") as stream,
        ):
            np.savez(stream, **arrays)
    return arrays


def _read(folder: Path, manifest: Manifest, spec: Spec, name: str) -> Iterator[ReadChunk]:
    rows = read_rows(folder, spec, name, manifest.layout)
    while (chunk := take(rows, _ROWS)) is not None:
        yield chunk


def _by_environment(chunk: ReadChunk, spec: Spec) -> Iterator[Chunk]:
    """The rows in chunks as the generator gives them, of one environment each."""
    columns = dict(chunk.columns)
    labels, source_index = columns.pop("label"), columns.pop("source_index")
    environment = columns.pop("environment", None)
    cuts = [0, len(labels)]
    if environment is not None:
        cuts[1:1] = (np.flatnonzero(np.diff(environment)) + 1).tolist()
    for start, end in pairwise(cuts):
        rows = slice(start, end)
        number = -1 if environment is None else int(environment[start])
        yield Chunk(
            images=chunk.images[rows],
            labels=labels[rows],
            values={name: columns[name][rows] for name in spec.entries},
            source_index=source_index[rows],
            environment=spec.environments[number].name if number >= 0 else None,
        )
