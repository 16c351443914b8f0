"""Read a split back from disk, chunk by chunk, without trusting it."""

import csv
import io
import zipfile
from collections.abc import Callable, Iterator, Mapping
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from jaxtyping import Int, UInt8
from PIL import Image

from data_gen.formats import (
    METADATA,
    UNLABELLED,
    Format,
    arrow_schema,
    class_folders,
    image_name,
    split_path,
)
from data_gen.foundation.errors import DGBenchError
from data_gen.sampler import MISSING
from data_gen.spec import Spec

Pixels = UInt8[np.ndarray, "h w 3"]

_LARGEST = 2**31 - 1


class ReadRow(NamedTuple):
    """One image of a split as it is on disk."""

    pixels: Pixels
    columns: dict[str, int]
    """All other columns as numbers. An environment is given by its place in the spec."""


class ReadChunk(NamedTuple):
    """Some consecutive rows."""

    images: UInt8[np.ndarray, "n h w 3"]
    columns: dict[str, Int[np.ndarray, " n"]]


class DamagedError(DGBenchError):
    """A split on disk cannot be read."""


def read_rows(folder: Path, spec: Spec, name: str, layout: Format) -> Iterator[ReadRow]:
    """The rows of one split of the data set in `folder`."""
    path = split_path(folder, name, layout)
    grid = spec.grid
    size = (grid.rows * grid.block, grid.columns * grid.block)
    read: Callable[[Path, Spec, tuple[int, int]], Iterator[ReadRow]] = {
        "parquet": _parquet_rows,
        "npz": _npz_rows,
        "imagefolder": _folder_rows,
    }[layout]
    try:
        yield from read(path, spec, size)
    except DamagedError:
        raise
    except Exception as error:  # a decoder may raise anything on foreign bytes; named, not hidden
        raise DamagedError(
            f"{str(path)!r} cannot be read: {type(error).__name__}: {error}"
        ) from error


def take(rows: Iterator[ReadRow], n: int) -> ReadChunk | None:
    """Take the next n rows, or those that are left. Returns None if there are no more."""
    taken = list(islice(rows, n))
    if not taken:
        return None
    return ReadChunk(
        images=np.stack([row.pixels for row in taken]),
        columns={
            name: np.array([row.columns[name] for row in taken], np.int64)
            for name in taken[0].columns
        },
    )


def environment_number(spec: Spec, environment: object) -> int:
    """Return the place of an environment in the spec, or -1 for an unknown name."""
    names: list[object] = [candidate.name for candidate in spec.environments]
    return names.index(environment) if environment in names else MISSING


def _numbers(spec: Spec, row: Mapping[str, Any], where: Path) -> dict[str, int]:
    """Check the columns of a row, which may hold anything."""
    numbers = {}
    for name in ("label", *spec.entries, "source_index"):
        numbers[name] = MISSING if row[name] is None else int(row[name])
        if not MISSING <= numbers[name] <= _LARGEST:
            raise DamagedError(f"{str(where)!r}: {name} is {row[name]!r}")
    if spec.environments:
        numbers["environment"] = environment_number(spec, row["environment"])
    return numbers


def _decoded(data: bytes, size: tuple[int, int], where: Path) -> Pixels:
    """Decode an image only when its header announces the size that the spec says."""
    with Image.open(io.BytesIO(data)) as image:
        if (image.height, image.width) != size or image.mode != "RGB":
            raise DamagedError(
                f"{str(where)!r}: an image is {image.width}x{image.height} {image.mode}, expected "
                f"{size[1]}x{size[0]} RGB"
            )
        return np.asarray(image)


def _parquet_rows(path: Path, spec: Spec, size: tuple[int, int]) -> Iterator[ReadRow]:
    import pyarrow.parquet as pq

    with pq.ParquetFile(path) as file:
        expected = arrow_schema(spec)
        if not file.schema_arrow.equals(expected):
            raise DamagedError(f"{str(path)!r}: its columns are not {', '.join(expected.names)}")
        if file.schema_arrow.metadata != expected.metadata:
            raise DamagedError(f"{str(path)!r}: its features are not those of the spec")
        for batch in file.iter_batches(batch_size=1000):
            for row in batch.to_pylist():
                pixels = _decoded(row["image"]["bytes"], size, path)
                yield ReadRow(pixels, _numbers(spec, row, path))


def _npz_rows(path: Path, spec: Spec, size: tuple[int, int]) -> Iterator[ReadRow]:
    with zipfile.ZipFile(path) as archive:
        columns = _npz_columns(archive, spec, path)
        with archive.open("images.npy") as pixels:
            version = np.lib.format.read_magic(pixels)
            if version != (1, 0):
                raise DamagedError(f"{str(path)!r}: unexpected .npy version {version}")
            shape, _, dtype = np.lib.format.read_array_header_1_0(pixels)
            if shape[1:] != (*size, 3) or dtype != np.uint8:
                raise DamagedError(f"{str(path)!r}: the images have shape {shape}, type {dtype}")
            if any(len(column) != shape[0] for column in columns.values()):
                raise DamagedError(f"{str(path)!r}: its arrays do not have the same length")
            length = size[0] * size[1] * 3
            for index in range(shape[0]):
                data = pixels.read(length)
                if len(data) != length:
                    raise DamagedError(f"{str(path)!r}: the images end after {index} of {shape[0]}")
                row = {name: column[index] for name, column in columns.items()}
                image = np.frombuffer(data, np.uint8).reshape(*size, 3)
                yield ReadRow(image, _numbers(spec, row, path))


def _npz_columns(archive: zipfile.ZipFile, spec: Spec, path: Path) -> dict[str, list[Any]]:
    """Return all arrays but the images, by the names of the columns."""
    files = {"label": "labels", **{name: name for name in spec.entries}}
    files["source_index"] = "source_index"
    if spec.environments:
        files["environment"] = "environment"
    if set(archive.namelist()) != {"images.npy", *(f"{file}.npy" for file in files.values())}:
        raise DamagedError(f"{str(path)!r}: its arrays are not images, {', '.join(files.values())}")
    columns = {}
    for name, file in files.items():
        with archive.open(f"{file}.npy") as stream:
            array = np.lib.format.read_array(stream, allow_pickle=False)
        if array.dtype.kind != ("U" if name == "environment" else "i"):
            raise DamagedError(f"{str(path)!r}: the array {file!r} has type {array.dtype}")
        columns[name] = array.tolist()
    return columns


def _folder_rows(path: Path, spec: Spec, size: tuple[int, int]) -> Iterator[ReadRow]:
    """Read the images in the order of the table. Each must lie in the folder of its class."""
    folders = [*class_folders(spec), UNLABELLED]  # the label -1 indexes the last one
    expected = {METADATA}
    with (path / METADATA).open(newline="", encoding="utf-8") as stream:
        for index, row in enumerate(csv.DictReader(stream)):
            columns = _numbers(spec, row, path / METADATA)
            name = image_name(folders[columns["label"]], index)
            if row["file_name"] != name:
                raise DamagedError(
                    f"{str(path / METADATA)!r}: row {index} names {row['file_name']!r}, expected "
                    f"{name!r}"
                )
            expected.add(name)
            yield ReadRow(_decoded((path / name).read_bytes(), size, path / name), columns)
    there = {file.relative_to(path).as_posix() for file in path.rglob("*") if not file.is_dir()}
    if extra := sorted(there - expected):
        raise DamagedError(f"{str(path / extra[0])!r} is not in {METADATA}")
