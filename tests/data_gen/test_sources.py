"""Sources are found where they may be, proven by checksums, and downloaded over real HTTP."""

import gc
import hashlib
import shutil
import threading
import warnings
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from types import MappingProxyType

import numpy as np
import pytest

from data_gen import sources as module
from data_gen.foundation.errors import DGBenchError, UsageError
from data_gen.idx import FILES, read_idx_folder
from data_gen.sources import (
    DATA_VARIABLE,
    KNOWN,
    KnownSource,
    Source,
    array_digests,
    load_sources,
)
from tests.data_gen.conftest import write_idx_folder


@pytest.fixture(autouse=True)
def _no_other_data(monkeypatch):
    monkeypatch.delenv(DATA_VARIABLE, raising=False)


def test_the_embedded_digits_are_balanced_all_different_and_dealt_in_turn():
    source = load_sources(["mnist-5k"])["mnist-5k"]
    assert source.is_known
    assert np.bincount(source.train.labels).tolist() == [400] * 10
    assert np.bincount(source.test.labels).tolist() == [100] * 10
    assert source.test.labels[:12].tolist() == [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 0, 1]
    glyphs = [*source.train.images, *source.test.images]
    assert len({glyph.tobytes() for glyph in glyphs}) == 5000


@pytest.mark.parametrize("damage", ["missing", "cut short", "other digits"])
def test_damaged_embedded_digits_say_how_to_get_them_again(tmp_path, monkeypatch, damage):
    shutil.copytree(module.EMBEDDED_FOLDER, tmp_path, dirs_exist_ok=True)
    file = tmp_path / f"{FILES['train images']}.gz"
    packed = file.read_bytes()
    file.unlink()
    if damage == "cut short":
        file.write_bytes(packed[:-100])
    elif damage == "other digits":
        write_idx_folder(tmp_path, packed=True)
    monkeypatch.setattr(module, "EMBEDDED_FOLDER", tmp_path)
    with pytest.raises(DGBenchError, match=r"digits are damaged: .* install it again: pip install"):
        load_sources(["mnist-5k"])


def test_the_licence_of_the_embedded_digits_lies_beside_them():
    text = (module.EMBEDDED_FOLDER / "LICENSE.md").read_text(encoding="utf-8")
    assert KNOWN["mnist-5k"].licence == "cc-by-sa-3.0"
    assert "https://creativecommons.org/licenses/by-sa/3.0/" in text


def test_a_known_source_can_stand_in_for_another():
    sources = load_sources(["mnist", "fashion-mnist"], given=["mnist-5k", "fashion-mnist=mnist-5k"])
    assert [source.name for source in sources.values()] == ["mnist-5k", "mnist-5k"]


@pytest.mark.parametrize("inner", [".", "raw"])
def test_a_folder_of_idx_files_is_a_source_of_its_own(tmp_path, inner):
    write_idx_folder(tmp_path / "mine" / inner)
    source = load_sources(["mnist"], given=[str(tmp_path / "mine")])["mnist"]
    assert source.name == "mine"
    assert not source.is_known


def test_an_unknown_source_is_answered_with_the_nearest_name():
    with pytest.raises(UsageError, match="Did you mean 'fashion-mnist'"):
        load_sources(["mnist"], given=["fashion-mnst"])
    with pytest.raises(UsageError, match="No source is called 'emnist', and no folder either"):
        load_sources(["emnist"])


def test_a_folder_without_any_source_says_what_was_expected(tmp_path):
    with pytest.raises(UsageError, match="holds no IDX files, nor any of MNIST/raw"):
        load_sources(["mnist"], given=[str(tmp_path)])


@pytest.mark.parametrize("way", ["option", "variable"])
def test_glyphs_that_differ_from_the_published_ones_are_refused(tmp_path, monkeypatch, way):
    write_idx_folder(tmp_path / "MNIST" / "raw")
    if way == "variable":
        monkeypatch.setenv(DATA_VARIABLE, str(tmp_path))
    given = [str(tmp_path)] if way == "option" else []
    with pytest.raises(DGBenchError, match="train images of 'mnist' are not the published ones"):
        load_sources(["mnist"], given=given)


def known_like(folder, mirrors):
    """A known source with the checksums of these files."""
    md5 = {
        what: hashlib.md5((folder / f"{name}.gz").read_bytes()).hexdigest()  # noqa: S324
        for what, name in FILES.items()
    }
    pools = read_idx_folder(folder)
    sha256 = array_digests(Source("x", pools["train"], pools["test"]))
    return KnownSource(
        folder="Tiny", mirrors=mirrors, md5=md5, sha256=sha256, licence="mit", credit="nobody"
    )


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass


@pytest.fixture
def tiny(tmp_path, monkeypatch):
    """A known source that a real server on this machine offers."""
    published = write_idx_folder(tmp_path / "published", packed=True)
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(published)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    address = f"http://127.0.0.1:{server.server_port}/"
    tiny_source = known_like(published, (address + "gone/", address))
    monkeypatch.setattr(module, "KNOWN", MappingProxyType({**KNOWN, "tiny": tiny_source}))
    yield server, published
    server.shutdown()
    server.server_close()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        gc.collect()  # pooch leaves its sockets to the garbage collector


def test_a_source_is_downloaded_once_from_the_first_mirror_that_has_it(tiny, tmp_path):
    server, _ = tiny
    first = load_sources(["tiny"], cache=tmp_path / "cache")["tiny"]
    assert len(first.train.images) == 60
    server.shutdown()
    server.server_close()
    again = load_sources(["tiny"], cache=tmp_path / "cache")["tiny"]
    assert again.digest == first.digest


def test_a_download_with_other_bytes_is_refused_and_not_kept(tiny, tmp_path):
    _, published = tiny
    write_idx_folder(published, packed=True, seed=1)
    with pytest.raises(DGBenchError, match="cannot be downloaded"):
        load_sources(["tiny"], cache=tmp_path / "cache")
    assert not list((tmp_path / "cache").rglob("*.gz"))


def test_a_failed_download_is_answered_with_every_way_out(tiny, tmp_path):
    server, _ = tiny
    server.shutdown()
    server.server_close()
    with pytest.raises(DGBenchError) as caught:
        load_sources(["tiny"], cache=tmp_path / "cache")
    for way in ("go on-line", "--source DIR", DATA_VARIABLE, "--source mnist-5k"):
        assert way in str(caught.value)
