"""IDX files are read when they are sound, and otherwise named with what is wrong."""

import gzip

import numpy as np
import pytest

from data_gen.foundation.errors import DGBenchError
from data_gen.idx import holds_idx, read_idx, read_idx_folder
from tests.data_gen.conftest import idx_bytes, write_idx_folder


@pytest.mark.parametrize("packed", [False, True])
def test_a_folder_of_idx_files_is_read(tmp_path, packed):
    pools = read_idx_folder(write_idx_folder(tmp_path, packed=packed))
    assert pools["train"].images.shape == (60, 28, 28)
    assert pools["test"].labels.tolist() == [i % 10 for i in range(60)]


def test_dotted_names_are_found_too(tmp_path):
    for path in list(write_idx_folder(tmp_path).iterdir()):
        path.rename(path.with_name(path.name.replace("-idx", ".idx")))
    assert holds_idx(tmp_path)
    assert len(read_idx_folder(tmp_path)["train"].images) == 60


SOUND = idx_bytes(np.zeros((2, 3, 3), np.uint8))
DAMAGED = {
    "nothing": (b"", "not an IDX file"),
    "other magic": (b"\x00\x00\x0d\x03" + SOUND[4:], "begins with 0x00000d03"),
    "labels for images": (idx_bytes(np.zeros(5, np.uint8)), "expected 0x00000803"),
    "truncated": (SOUND[:-1], "announces 18 bytes of data, the file has only 17"),
    "too long": (SOUND + b"x", "the file has more"),
    "no images": (idx_bytes(np.zeros((0, 3, 3), np.uint8)), "announces 0 bytes"),
    "far too many": (SOUND[:4] + b"\xff" * 12 + SOUND[16:], "announces .* bytes"),
}


@pytest.mark.parametrize("case", DAMAGED)
@pytest.mark.parametrize("packed", [False, True])
def test_a_damaged_file_is_named(tmp_path, case, packed):
    data, message = DAMAGED[case]
    path = tmp_path / ("x.gz" if packed else "x")
    path.write_bytes(gzip.compress(data) if packed else data)
    with pytest.raises(DGBenchError, match=message) as caught:
        read_idx(path, dimensions=3)
    assert str(path) in str(caught.value)


@pytest.mark.parametrize("spoil", [lambda data: data[:-9], lambda data: data[:20] + b"zz"])
def test_a_damaged_gzip_file_is_named(tmp_path, spoil):
    path = tmp_path / "x.gz"
    path.write_bytes(spoil(gzip.compress(SOUND)))
    with pytest.raises(DGBenchError, match=r"Fetch (the file|it) again"):
        read_idx(path, dimensions=3)


def test_images_and_labels_that_do_not_belong_together_are_refused(idx_folder):
    (idx_folder / "train-labels-idx1-ubyte").write_bytes(idx_bytes(np.zeros(9, np.uint8)))
    with pytest.raises(DGBenchError, match="60 train images but 9 train labels"):
        read_idx_folder(idx_folder)


def test_a_missing_file_is_named(idx_folder):
    (idx_folder / "t10k-images-idx3-ubyte").unlink()
    with pytest.raises(DGBenchError, match="no file 't10k-images-idx3-ubyte'"):
        read_idx_folder(idx_folder)
