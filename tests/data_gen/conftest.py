"""Shared fixtures: small folders of IDX files, and a data set in every layout."""

import gzip
import struct

import numpy as np
import pytest

NAMES = ("train-images-idx3-ubyte", "train-labels-idx1-ubyte")


def idx_bytes(array):
    """An IDX file of unsigned bytes, written by hand."""
    magic = 0x0800 + array.ndim
    return struct.pack(f">I{array.ndim}I", magic, *array.shape) + array.tobytes()


def write_idx_folder(folder, *, packed=False, seed=0, n=60):
    """A folder of four IDX files of random 28 x 28 glyphs, ten classes."""
    folder.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(seed)
    for pool in ("train", "t10k"):
        images = rng.integers(0, 256, (n, 28, 28)).astype(np.uint8)
        labels = (np.arange(n) % 10).astype(np.uint8)
        for name, array in (("images-idx3", images), ("labels-idx1", labels)):
            data = idx_bytes(array)
            path = folder / f"{pool}-{name}-ubyte{'.gz' if packed else ''}"
            path.write_bytes(gzip.compress(data) if packed else data)
    return folder


@pytest.fixture
def idx_folder(tmp_path):
    """A folder of IDX files as they are."""
    return write_idx_folder(tmp_path / "glyphs")


@pytest.fixture(scope="session")
def generator():
    """The official generator of mnist-color-5k."""
    from data_gen.generator import Generator
    from data_gen.sources import load_sources
    from data_gen.spec_files import find_spec

    spec = find_spec("mnist-color-5k")
    return Generator(spec, load_sources(spec.sources))


@pytest.fixture(scope="session", params=["parquet", "npz", "imagefolder"])
def data_set(request, generator, tmp_path_factory):
    """mnist-color-5k on disk, in each layout. Tests must not change it."""
    from data_gen.build import build

    folder = tmp_path_factory.mktemp("data") / request.param
    return build(generator, folder, layout=request.param)
