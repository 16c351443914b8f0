"""Read a split back from disk, chunk by chunk, without trusting it."""

import csv
import io
import zipfile
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from jaxtyping import UInt8
from PIL import Image

from data_gen.errors import DGBenchError
from data_gen.formats import Format, split_path
from data_gen.generator import Chunk
from data_gen.sampler import MISSING
from data_gen.spec import Spec

Pixels = UInt8[np.ndarray, "h w 3"]


class ReadRow(NamedTuple):
    """One image of a split as it stands on disk."""

    pixels: Pixels
    columns: dict[str, Any]


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
    except (
        OSError,
        ValueError,
        KeyError,
        zipfile.BadZipFile,
        Image.DecompressionBombError,
    ) as error:
        raise DamagedError(f"{str(path)!r} cannot be read: {error}") from error


def take(rows: Iterator[ReadRow], n: int, spec: Spec) -> Chunk | None:
    """The next n rows (or those that are left) as a chunk; None when none is left."""
    taken = list(islice(rows, n))
    if not taken:
        return None
    columns = {name: [row.columns[name] for row in taken] for name in taken[0].columns}
    return Chunk(
        images=np.stack([row.pixels for row in taken]),
        labels=_numbers(columns["label"]),
        values={name: _numbers(columns[name]) for name in spec.entries},
        source_index=_numbers(columns["source_index"]),
        environment=columns["environment"][0] if spec.environments else None,
    )


def _numbers(column: list[Any]) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    return np.array([MISSING if value in (None, "") else int(value) for value in column], np.int64)


def _decoded(data: bytes, size: tuple[int, int], where: Path) -> Pixels:
    """Decode an image only when its header announces the size that the spec says."""
    with Image.open(io.BytesIO(data)) as image:
        if (image.height, image.width) != size or image.mode != "RGB":
            raise DamagedError(
                f"{str(where)!r}: an image is {image.width}x{image.height} {image.mode}, expected "
                f"{size[1]}x{size[0]} RGB"
            )
        return np.asarray(image)


def _parquet_rows(path: Path, _: Spec, size: tuple[int, int]) -> Iterator[ReadRow]:
    import pyarrow.parquet as pq

    with pq.ParquetFile(path) as file:
        for batch in file.iter_batches(batch_size=1000):
            columns = batch.to_pydict()
            images = columns.pop("image")
            for index, image in enumerate(images):
                row = {name: column[index] for name, column in columns.items()}
                yield ReadRow(_decoded(image["bytes"], size, path), row)


def _npz_rows(path: Path, spec: Spec, size: tuple[int, int]) -> Iterator[ReadRow]:
    with zipfile.ZipFile(path) as archive, archive.open("images.npy") as pixels:
        arrays = {}
        for name in (*spec.entries, "labels", "source_index"):
            with archive.open(f"{name}.npy") as stream:
                arrays[name] = np.lib.format.read_array(stream, allow_pickle=False).tolist()
        if spec.environments:
            with archive.open("environment.npy") as stream:
                arrays["environment"] = np.lib.format.read_array(stream).tolist()
        arrays["label"] = arrays.pop("labels")
        version = np.lib.format.read_magic(pixels)
        if version != (1, 0):
            raise DamagedError(f"{str(path)!r}: unexpected .npy version {version}")
        shape, _, dtype = np.lib.format.read_array_header_1_0(pixels)
        if shape[1:] != (*size, 3) or dtype != np.uint8:
            raise DamagedError(f"{str(path)!r}: the images have shape {shape} and type {dtype}")
        length = size[0] * size[1] * 3
        for index in range(shape[0]):
            data = pixels.read(length)
            if len(data) != length:
                raise DamagedError(f"{str(path)!r}: the images end after {index} of {shape[0]}")
            row = {name: column[index] for name, column in arrays.items()}
            yield ReadRow(np.frombuffer(data, np.uint8).reshape(*size, 3), row)


def _folder_rows(path: Path, _: Spec, size: tuple[int, int]) -> Iterator[ReadRow]:
    with (path / "metadata.csv").open(newline="", encoding="utf-8") as stream:
        for row in csv.DictReader(stream):
            name = row.pop("file_name")
            file = path / name
            if ".." in Path(name).parts or Path(name).is_absolute():
                raise DamagedError(f"{str(path)!r}: metadata.csv names {name!r}, outside the split")
            yield ReadRow(_decoded(file.read_bytes(), size, file), dict(row))
