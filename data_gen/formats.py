"""Writers of the three layouts of a split: Parquet, npz and a folder of images."""

import csv
import io
import json
import re
import zipfile
from abc import ABC, abstractmethod
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal, get_args

import numpy as np
from jaxtyping import UInt8
from PIL import Image
from typing_extensions import override

from data_gen.generator import Chunk
from data_gen.sampler import MISSING
from data_gen.spec import Spec

Format = Literal["parquet", "npz", "imagefolder"]
FORMATS: tuple[Format, ...] = get_args(Format)

METADATA = "metadata.csv"
"""The table of a split in an image folder."""
UNLABELLED = "unlabelled"
"""The one folder of a split without labels."""


class SplitWriter(ABC):
    """Writes one split chunk by chunk, in memory that does not grow with it."""

    def __init__(self, path: Path, spec: Spec, *, n_images: int, is_labelled: bool) -> None:
        self.path = path
        self.spec = spec
        self.n_images = n_images
        self.is_labelled = is_labelled
        self.n_written = 0

    @abstractmethod
    def add(self, chunk: Chunk) -> None:
        """Write some more images."""

    @abstractmethod
    def close(self) -> None:
        """Finish the files."""

    def columns(self, chunk: Chunk) -> dict[str, list[Any]]:
        """Return all columns but the pixels, with None for unknown and missing values."""
        labels = chunk.labels.tolist() if self.is_labelled else [None] * len(chunk.labels)
        columns: dict[str, list[Any]] = {"label": labels}
        for pattern, values in chunk.values.items():
            columns[pattern] = [None if value == MISSING else value for value in values.tolist()]
        if self.spec.environments:
            columns["environment"] = [chunk.environment] * len(labels)
        columns["source_index"] = chunk.source_index.tolist()
        return columns


def split_path(folder: Path, name: str, layout: Format) -> Path:
    """Path of a split in a data set."""
    if layout == "imagefolder":
        return folder / name
    return folder / "data" / f"{name}.{layout}"


def class_folders(spec: Spec) -> list[str]:
    """Return the folder of each class. They sort as the classes do, as ImageFolder numbers them."""
    width = len(str(len(spec.classes) - 1))
    names = [re.sub(r"[^\w.+-]+", "-", name) for name in spec.classes]
    return [f"{index:0{width}d}-{name}" for index, name in enumerate(names)]


def image_name(folder: str, row: int) -> str:
    """Path of an image within its split in an image folder."""
    return f"{folder}/{row:06d}.png"


def is_of_image_folder(place: Sequence[str]) -> bool:
    """Whether a path within a split, given by its parts, belongs to an image folder."""
    if len(place) == 1:
        return place[0] == METADATA
    return len(place) == 2 and re.fullmatch(r"\d{6,}\.png", place[1]) is not None


def open_writer(
    folder: Path, spec: Spec, name: str, layout: Format, *, n_images: int, is_labelled: bool
) -> SplitWriter:
    """Open a writer for one split of a data set in `folder`."""
    writers: dict[Format, type[ParquetWriter | NpzWriter | FolderWriter]] = {
        "parquet": ParquetWriter,
        "npz": NpzWriter,
        "imagefolder": FolderWriter,
    }
    path = split_path(folder, name, layout)
    path.parent.mkdir(parents=True, exist_ok=True)
    return writers[layout](path, spec, n_images=n_images, is_labelled=is_labelled)


def png(pixels: UInt8[np.ndarray, "h w 3"]) -> bytes:
    """One image as PNG."""
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "PNG", compress_level=3)
    return buffer.getvalue()


class ParquetWriter(SplitWriter):
    """A Parquet file of PNG images, with the features that `datasets` reads from its metadata."""

    def __init__(self, path: Path, spec: Spec, *, n_images: int, is_labelled: bool) -> None:
        import pyarrow.parquet as pq

        super().__init__(path, spec, n_images=n_images, is_labelled=is_labelled)
        self._schema = arrow_schema(spec)
        self._file = pq.ParquetWriter(path, self._schema, compression="zstd")

    @override
    def add(self, chunk: Chunk) -> None:
        import pyarrow as pa

        images = [{"bytes": png(pixels), "path": None} for pixels in chunk.images]
        table = pa.table({"image": images, **self.columns(chunk)}, schema=self._schema)
        self._file.write_table(table)

    @override
    def close(self) -> None:
        self._file.close()


def features(spec: Spec) -> dict[str, dict[str, Any]]:
    """The columns of a data set, as the Hugging Face hub describes them."""
    described: dict[str, dict[str, Any]] = {
        "image": {"_type": "Image"},
        "label": {"names": list(spec.classes), "_type": "ClassLabel"},
    }
    for pattern in spec.entries:
        described[pattern] = {"dtype": "int8", "_type": "Value"}
    if spec.environments:
        described["environment"] = {"dtype": "string", "_type": "Value"}
    described["source_index"] = {"dtype": "int32", "_type": "Value"}
    return described


def arrow_schema(spec: Spec) -> Any:
    """The Arrow schema of `features`, with them in its metadata."""
    import pyarrow as pa

    types = {
        "image": pa.struct({"bytes": pa.binary(), "path": pa.string()}),
        "label": pa.int64(),
        **dict.fromkeys(spec.entries, pa.int8()),
        **({"environment": pa.string()} if spec.environments else {}),
        "source_index": pa.int32(),
    }
    metadata = {"huggingface": json.dumps({"info": {"features": features(spec)}})}
    return pa.schema(list(types.items()), metadata=metadata)


class NpzWriter(SplitWriter):
    """An .npz archive: `images`, `labels` and an array for each pattern. -1 means no value."""

    def __init__(self, path: Path, spec: Spec, *, n_images: int, is_labelled: bool) -> None:
        super().__init__(path, spec, n_images=n_images, is_labelled=is_labelled)
        self._archive = zipfile.ZipFile(path, "w", zipfile.ZIP_STORED)
        self._pixels: Any = None
        self._columns: dict[str, list[np.ndarray[Any, Any]]] = {}

    @override
    def add(self, chunk: Chunk) -> None:
        if self._pixels is None:
            self._pixels = self._archive.open("images.npy", "w", force_zip64=True)
            shape = (self.n_images, *chunk.images.shape[1:])
            header = {"descr": "|u1", "fortran_order": False, "shape": shape}
            np.lib.format.write_array_header_1_0(self._pixels, header)
        self._pixels.write(np.ascontiguousarray(chunk.images).data)
        arrays: dict[str, Any] = {"labels": chunk.labels.astype(np.int16), **chunk.values}
        if not self.is_labelled:
            arrays["labels"] = np.full_like(arrays["labels"], MISSING)
        if self.spec.environments:
            arrays["environment"] = np.full(len(chunk.labels), chunk.environment)
        arrays["source_index"] = chunk.source_index.astype(np.int32)
        for name, array in arrays.items():
            small = array.astype(np.int8) if name in chunk.values else array
            self._columns.setdefault(name, []).append(small)

    @override
    def close(self) -> None:
        if self._pixels is not None:
            self._pixels.close()
        for name, parts in self._columns.items():
            with self._archive.open(f"{name}.npy", "w") as stream:
                np.lib.format.write_array(stream, np.concatenate(parts), allow_pickle=False)
        self._archive.close()


class FolderWriter(SplitWriter):
    """A folder a class of PNG files (as torchvision's ImageFolder reads it), and metadata.csv."""

    def __init__(self, path: Path, spec: Spec, *, n_images: int, is_labelled: bool) -> None:
        super().__init__(path, spec, n_images=n_images, is_labelled=is_labelled)
        path.mkdir(parents=True)
        for name in self._folders():
            (path / name).mkdir()
        # Closed in `close`; kept open so that memory does not grow with the split.
        self._stream = (path / METADATA).open("w", newline="", encoding="utf-8")
        self._table = csv.writer(self._stream)

    @override
    def add(self, chunk: Chunk) -> None:
        columns = self.columns(chunk)
        if not self.n_written:
            self._table.writerow(["file_name", *columns])
        folders = self._folders()
        # -1 and not an empty cell: `datasets` guesses types, and they must agree between splits.
        filled = ([MISSING if v is None else v for v in column] for column in columns.values())
        rows = zip(*filled, strict=True)
        for offset, (pixels, row) in enumerate(zip(chunk.images, rows, strict=True)):
            folder = folders[row[0]] if self.is_labelled else folders[0]
            file_name = image_name(folder, self.n_written + offset)
            (self.path / file_name).write_bytes(png(pixels))
            self._table.writerow([file_name, *row])
        self.n_written += len(chunk.labels)

    @override
    def close(self) -> None:
        self._stream.close()

    def _folders(self) -> Sequence[str]:
        if not self.is_labelled:
            return [UNLABELLED]
        return class_folders(self.spec)
