"""Read IDX files, the format of MNIST and its relatives, without trusting them.

A folder of IDX files holds `train-images-idx3-ubyte`, `train-labels-idx1-ubyte`,
`t10k-images-idx3-ubyte` and `t10k-labels-idx1-ubyte`, each as it is or gzipped (`.gz`).
"""

import gzip
import struct
import zlib
from io import BufferedIOBase
from pathlib import Path
from typing import NamedTuple

import numpy as np
from jaxtyping import UInt8

from data_gen.foundation.errors import DGBenchError

FILES = {
    "train images": "train-images-idx3-ubyte",
    "train labels": "train-labels-idx1-ubyte",
    "test images": "t10k-images-idx3-ubyte",
    "test labels": "t10k-labels-idx1-ubyte",
}
"""The four files of a source, by what they hold."""

_MAGIC = {1: 0x00000801, 3: 0x00000803}
_MAX_BYTES = 1 << 33


class Glyphs(NamedTuple):
    """Grey images and their labels."""

    images: UInt8[np.ndarray, "n h w"]
    labels: UInt8[np.ndarray, " n"]


def holds_idx(folder: Path) -> bool:
    """Whether any of the four files is in this folder."""
    return any(_locate(folder, name) for name in FILES.values())


def read_idx_folder(folder: Path) -> dict[str, Glyphs]:
    """Read the glyphs of a folder, by `train` and `test`."""
    pools = {}
    for pool in ("train", "test"):
        images = read_idx(_find(folder, FILES[f"{pool} images"]), dimensions=3)
        labels = read_idx(_find(folder, FILES[f"{pool} labels"]), dimensions=1)
        if len(images) != len(labels):
            raise DGBenchError(
                f"{folder}: {len(images)} {pool} images but {len(labels)} {pool} labels; "
                "the files do not belong together. Fetch them again, from one place."
            )
        pools[pool] = Glyphs(images, labels)
    return pools


def read_idx(path: Path, *, dimensions: int) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    """The unsigned bytes of one IDX file with this many dimensions (1 or 3)."""
    try:
        with _open(path) as stream:
            return _parse(stream, path, dimensions)
    except (OSError, EOFError, zlib.error) as error:
        raise DGBenchError(f"Cannot read {str(path)!r}: {error}. Fetch the file again.") from error


def _open(path: Path) -> BufferedIOBase:
    return gzip.open(path) if path.suffix == ".gz" else path.open("rb")


def _parse(
    stream: BufferedIOBase, path: Path, dimensions: int
) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    header = stream.read(4 * (1 + dimensions))
    expected = _MAGIC[dimensions]
    if len(header) < 4 * (1 + dimensions) or struct.unpack(">I", header[:4])[0] != expected:
        raise DGBenchError(
            f"{str(path)!r} is not an IDX file of unsigned bytes in {dimensions} dimension(s): it "
            f"begins with 0x{header[:4].hex()}, expected 0x{expected:08x}. Fetch it again."
        )
    shape = struct.unpack(f">{dimensions}I", header[4:])
    size = int(np.prod(shape, dtype=object))
    if not 0 < size <= _MAX_BYTES:
        raise DGBenchError(
            f"{str(path)!r}: its header announces {size} bytes of data. Fetch it again."
        )
    body = stream.read(size + 1)
    if len(body) != size:
        more = "more" if len(body) > size else f"only {len(body)}"
        raise DGBenchError(
            f"{str(path)!r} is damaged: its header announces {size} bytes of data, the file has "
            f"{more}. Fetch it again."
        )
    return np.frombuffer(body, np.uint8).reshape(shape)


def _find(folder: Path, name: str) -> Path:
    path = _locate(folder, name)
    if path is None:
        raise DGBenchError(f"{folder} has no file {name!r} (nor {name + '.gz'!r}). Put it there.")
    return path


def _locate(folder: Path, name: str) -> Path | None:
    """Also finds the dotted names (`train-images.idx3-ubyte`) of some distributions."""
    for stem in (name, name.replace("-idx", ".idx")):
        for candidate in (folder / stem, folder / f"{stem}.gz"):
            if candidate.is_file():
                return candidate
    return None
