"""Sources for pictures of test images, on machines that lack the published files.

The test glyphs of every known source come with this package, exactly as they were published. Of
the training glyphs only the mean comes along, which stands where a shape is missing. So pictures
of test images can be drawn everywhere. Nothing can be trained on these sources.
"""

import lzma
from collections.abc import Sequence
from functools import cache
from pathlib import Path

import numpy as np
from jaxtyping import UInt8

from data_gen.foundation.documents import digest_of
from data_gen.foundation.errors import DGBenchError
from data_gen.idx import Glyphs
from data_gen.sources import EMBEDDED, KNOWN, Source, load_sources

FOLDER = Path(__file__).parent / "picture_glyphs"
"""Folder of the packed glyphs, with their licences."""
SIDE = 28
_N_CLASSES = 10
_N_STAND_INS = 1000


def picture_sources(names: Sequence[str]) -> dict[str, Source] | None:
    """Load what draws test images of the known sources `names`, or None if one is unknown.

    The training glyphs of these sources are copies of the mean of all training glyphs. It differs
    from the mean of those that a benchmark trains on by a grey level at most.

    Raises:
        DGBenchError: A file of this package is damaged.
    """
    return {name: _source(name) for name in names} if set(names) <= set(KNOWN) else None


@cache
def _source(name: str) -> Source:
    if name == EMBEDDED:
        return load_sources([name])[name]
    try:
        mean, test = unpacked(_read(name))
    except ValueError as error:
        raise _damaged(name, str(error)) from error
    for array, part in (("test images", test.images), ("test labels", test.labels)):
        if digest_of(np.ascontiguousarray(part).data) != KNOWN[name].sha256[array]:
            raise _damaged(name, f"the {array} are not the published ones")
    labels = np.arange(_N_STAND_INS, dtype=np.uint8) % _N_CLASSES
    train = Glyphs(np.broadcast_to(mean, (_N_STAND_INS, *mean.shape)), labels)
    return Source(name, train, test)


def packed(mean: UInt8[np.ndarray, "h w"], test: Glyphs) -> bytes:
    """Pack the mean of the training glyphs and the test glyphs into one file."""
    data = mean.tobytes() + test.images.tobytes() + test.labels.tobytes()
    return lzma.compress(data, preset=9 | lzma.PRESET_EXTREME)


def unpacked(data: bytes) -> tuple[UInt8[np.ndarray, "h w"], Glyphs]:
    """Unpack the bytes of `packed`.

    Raises:
        ValueError: They are not such bytes.

    Example:
        >>> glyphs = Glyphs(np.ones((2, SIDE, SIDE), np.uint8), np.array([3, 4], np.uint8))
        >>> mean, test = unpacked(packed(glyphs.images[0], glyphs))
        >>> test.images.shape, test.labels.tolist()
        ((2, 28, 28), [3, 4])
    """
    try:
        flat = np.frombuffer(lzma.decompress(data), np.uint8)
    except lzma.LZMAError as error:
        raise ValueError("they cannot be unpacked") from error
    size = SIDE * SIDE
    n_images, rest = divmod(len(flat) - size, size + 1)
    if n_images < 1 or rest:
        raise ValueError(f"{len(flat)} bytes hold part of a glyph")
    mean, images, labels = np.split(flat, [size, size * (n_images + 1)])
    return mean.reshape(SIDE, SIDE), Glyphs(images.reshape(n_images, SIDE, SIDE), labels)


def _read(name: str) -> bytes:
    try:
        return (FOLDER / f"{name}.xz").read_bytes()
    except OSError as error:
        raise _damaged(name, f"{error.strerror}") from error


def _damaged(name: str, reason: str) -> DGBenchError:
    return DGBenchError(
        f"The glyphs of {name!r} for pictures are damaged: {reason}. They come with dgbench, so "
        "install it again: pip install --force-reinstall --no-deps dgbench"
    )
