"""A benchmark by name equals the same benchmark on disk, and changed data are refused."""

import json
import shutil
import time

import numpy as np
import pyarrow.parquet as pq
import pytest

from data_gen.build import build
from data_gen.foundation.errors import DGBenchError, UsageError
from data_gen.generator import Generator
from data_gen.sources import load_sources
from data_gen.spec_files import find_spec
from dgbench.benchmarks import open_benchmark
from dgbench.decoded import CACHE_VARIABLE


@pytest.fixture(scope="module", params=["parquet", "npz", "imagefolder"])
def original(request, tmp_path_factory):
    spec = find_spec("mnist-color-5k")
    folder = tmp_path_factory.mktemp("disk") / "data"
    generator = Generator(spec, load_sources(spec.sources))
    return build(generator, folder, layout=request.param).folder


@pytest.fixture
def folder(original, tmp_path, monkeypatch):
    monkeypatch.setenv(CACHE_VARIABLE, str(tmp_path / "cache"))
    return shutil.copytree(original, tmp_path / "data")


def assert_same(split, other):
    np.testing.assert_array_equal(split.images, other.images)
    np.testing.assert_array_equal(split.labels, other.labels)
    np.testing.assert_array_equal(split.image_id, other.image_id)
    for name in split.values:
        np.testing.assert_array_equal(split.values[name], other.values[name])
    assert split.record == other.record


@pytest.mark.parametrize("split", ["train", "id", "only.shape", "dev.up.color", "none"])
def test_disk_and_name_give_the_same(folder, benchmark, split):
    on_disk = open_benchmark(str(folder))
    for _ in range(2):  # the second time from the cache
        assert_same(on_disk.load(split), benchmark.load(split))
    assert on_disk.size(split) == benchmark.size(split)
    assert on_disk.official


def test_environments_come_back_from_disk(tmp_path, monkeypatch):
    monkeypatch.setenv(CACHE_VARIABLE, str(tmp_path / "cache"))
    rendered = open_benchmark("rotated-mnist", given=["mnist-5k"])
    generator = Generator(rendered.spec, load_sources(rendered.spec.sources, given=["mnist-5k"]))
    build(generator, tmp_path / "data")
    on_disk = open_benchmark(str(tmp_path / "data"))
    read, other = on_disk.load("train"), rendered.load("train")
    assert_same(read, other)
    np.testing.assert_array_equal(read.environment, other.environment)
    assert set(read.environment) == set(range(len(rendered.spec.training_environments)))
    assert not on_disk.official


def test_changed_data_are_refused_even_after_they_were_cached(folder):
    path = folder / "data" / "train.parquet"
    if not path.exists():
        pytest.skip("one layout is enough")
    open_benchmark(str(folder)).load("train")
    table = pq.read_table(path)
    labels = table["label"].to_numpy().copy()
    labels[0] = (labels[0] + 1) % 10
    time.sleep(0.01)
    pq.write_table(table.set_column(1, table.schema.field("label"), [labels.tolist()]), path)
    with pytest.raises(DGBenchError, match="split 'train' does not have the digests"):
        open_benchmark(str(folder)).load("train")


def test_a_changed_spec_is_refused(folder):
    path = folder / "benchmark.json"
    record = json.loads(path.read_text())
    record["spec"]["budget"]["steps"] += 1
    path.write_text(json.dumps(record))
    with pytest.raises(DGBenchError, match="One of them was changed; generate the data again"):
        open_benchmark(str(folder))


def test_an_unknown_benchmark_is_a_usage_error(tmp_path, folder):
    with pytest.raises(UsageError, match="Did you mean 'mnist-color'"):
        open_benchmark("mnist-colour")
    with pytest.raises(UsageError, match="not a data set of dgbench"):
        open_benchmark(str(tmp_path))
    with pytest.raises(UsageError, match="its seed is fixed"):
        open_benchmark(str(folder), seed=3)


def test_oracle_splits_show_training_digits_in_a_domain(benchmark):
    oracle, train = benchmark.load("train.only.color"), benchmark.load("train")
    assert oracle.image_id.tolist() == train.image_id.tolist()
    assert (oracle.values["color"] == oracle.labels).all()
    assert (oracle.values["shape"] == train.values["shape"]).all()
    assert (oracle.values["shape"] == oracle.labels).mean() < 0.2
