"""Whatever is changed in a data set on disk is named with its split and row."""

import csv
import json
import shutil
import zipfile

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from data_gen.build import build
from data_gen.formats import png
from data_gen.foundation.errors import DGBenchError
from data_gen.verify import differences, open_for_verifying


def problems(folder):
    manifest, generator = open_for_verifying(folder)
    return differences(folder, manifest, generator)


@pytest.fixture(scope="module")
def original(generator, tmp_path_factory):
    return build(generator, tmp_path_factory.mktemp("verify") / "data").folder


@pytest.fixture
def copy(original, tmp_path):
    return shutil.copytree(original, tmp_path / "data")


def test_an_untouched_data_set_has_no_problem(data_set):
    assert problems(data_set.folder) == []


def change_parquet(path, change):
    table = pq.read_table(path)
    rows = table.to_pylist()
    change(rows)
    pq.write_table(pa.Table.from_pylist(rows, schema=table.schema), path)


def edited_pixel(rows):
    black = np.zeros((28, 28, 3), np.uint8)
    rows[7]["image"]["bytes"] = png(black)


def edited_label(rows):
    rows[3]["label"] = (rows[3]["label"] + 1) % 10
    rows[9]["label"] = (rows[9]["label"] + 1) % 10


def edited_value(rows):
    rows[5]["color"] = None


def differs(column, n, row):
    return f"split 'id': column {column!r} differ(s) in {n} image(s), the first is row {row}"


TAMPERED = {
    "a pixel": (edited_pixel, differs("image", 1, 7)),
    "labels": (edited_label, differs("label", 2, 3)),
    "a value": (edited_value, differs("color", 1, 5)),
    "a row removed": (lambda rows: rows.pop(), "split 'id' ends after 999 of 1000 images"),
    "a row added": (lambda rows: rows.append(rows[0]), "split 'id' has more than 1000 images"),
}


@pytest.mark.parametrize("what", TAMPERED)
def test_a_changed_split_is_named_with_its_row(copy, what):
    change, message = TAMPERED[what]
    change_parquet(copy / "data" / "id.parquet", change)
    assert problems(copy) == [message]


def test_an_image_of_another_size_is_refused_before_it_is_decoded(copy):
    def bomb(rows):
        rows[0]["image"]["bytes"] = png(np.zeros((3000, 3000, 3), np.uint8))

    change_parquet(copy / "data" / "id.parquet", bomb)
    (problem,) = problems(copy)
    assert "an image is 3000x3000 RGB, expected 28x28 RGB" in problem


@pytest.mark.parametrize("spoil", ["truncate", "remove", "rewrite"])
def test_a_broken_file_is_named(copy, spoil):
    path = copy / "data" / "up.color.parquet"
    data = path.read_bytes()
    path.unlink()
    if spoil != "remove":
        path.write_bytes(data[: len(data) // 2] if spoil == "truncate" else b"hello")
    (problem,) = problems(copy)
    assert problem.startswith("split 'up.color': ")
    assert "up.color.parquet" in problem


def change_manifest(folder, change):
    path = folder / "benchmark.json"
    content = json.loads(path.read_text(encoding="utf-8"))
    change(content)
    path.write_text(json.dumps(content), encoding="utf-8")


def test_a_changed_digest_is_named(copy):
    change_manifest(copy, lambda c: c["splits"]["none"].update(pixels="0" * 64))
    assert problems(copy) == [
        "split 'none': the pixels digest in benchmark.json is not that of the data made again"
    ]


def test_a_changed_list_of_splits_or_aliases_is_named(copy):
    def change(content):
        content["splits"]["extra"] = content["splits"].pop("conflict")
        content["aliases"] = {}

    change_manifest(copy, change)
    assert problems(copy) == [
        "split 'extra' is listed in benchmark.json, but mnist-color-5k@1 has no such split",
        "the aliases in benchmark.json are not those of the spec",
        "split 'conflict' is missing from benchmark.json",
    ]


MANIFESTS = {
    "spec changed": (lambda c: c["spec"].update(seed=4), "One of them was changed"),
    "spec broken": (lambda c: c["spec"].update(classes=[]), "spec: classes: Tuple should have"),
    "source changed": (
        lambda c: c["sources"]["mnist-5k"].update(digest="0" * 64),
        "Give the right one with --source",
    ),
    "key added": (lambda c: c.update(evil=1), "is damaged at evil"),
    "newer version": (
        lambda c: c.update(format_version=2),
        "has schema version 2; this dgbench reads up to 1",
    ),
    "key removed": (lambda c: c.pop("seed"), "is damaged at seed"),
}


@pytest.mark.parametrize("what", MANIFESTS)
def test_a_changed_manifest_is_refused(copy, what):
    change, message = MANIFESTS[what]
    change_manifest(copy, change)
    with pytest.raises(DGBenchError, match=message):
        problems(copy)


def test_a_folder_without_a_data_set_is_refused(tmp_path):
    with pytest.raises(DGBenchError, match="not a data set of dgbench"):
        problems(tmp_path)
    (tmp_path / "benchmark.json").write_text("[")
    with pytest.raises(DGBenchError, match="is damaged"):
        problems(tmp_path)


def test_a_changed_npz_is_named(generator, tmp_path):
    folder = build(generator, tmp_path / "data", layout="npz").folder
    path = folder / "data" / "id.npz"
    with np.load(path) as archive:
        arrays = dict(archive)
    arrays["images"][12, 0, 0] = 255
    np.savez(path, **arrays)
    assert problems(folder) == [
        "split 'id': column 'image' differ(s) in 1 image(s), the first is row 12"
    ]
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("images.npy", b"\x93NUMPY")
    (problem,) = problems(folder)
    assert "id.npz" in problem


def test_an_image_folder_holds_exactly_the_files_of_its_table(generator, tmp_path):
    folder = build(generator, tmp_path / "data", layout="imagefolder").folder
    stray = folder / "id" / "0-0" / "stray.png"
    stray.write_bytes(b"")
    (problem,) = problems(folder)
    assert "stray.png" in problem
    assert "is not in metadata.csv" in problem
    stray.unlink()
    table = folder / "id" / "metadata.csv"
    with table.open(newline="") as stream:
        rows = list(csv.reader(stream))
    rows[1][0] = "../up.color/0-0/000000.png"
    with table.open("w", newline="") as stream:
        csv.writer(stream).writerows(rows)
    (problem,) = problems(folder)
    assert "row 0 names '../up.color/0-0/000000.png'" in problem


def test_a_file_with_another_column_is_damaged(copy):
    path = copy / "data" / "id.parquet"
    table = pq.read_table(path)
    pq.write_table(table.drop_columns(["color"]), path)
    (problem,) = problems(copy)
    assert "its columns are not image, label" in problem


def test_arrays_of_different_length_are_damaged(generator, tmp_path):
    folder = build(generator, tmp_path / "data", layout="npz").folder
    path = folder / "data" / "id.npz"
    with np.load(path) as archive:
        arrays = dict(archive)
    np.savez(path, **{**arrays, "color": arrays["color"][:-1]})
    (problem,) = problems(folder)
    assert "do not have the same length" in problem


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"benchmark": "mnist-color@1"}, "benchmark.json names 'mnist-color@1'"),
        ({"seed": 5, "official": True}, "benchmark.json says official, but"),
    ],
)
def test_the_claims_of_the_record_are_checked(copy, change, problem):
    record = json.loads((copy / "benchmark.json").read_text())
    (copy / "benchmark.json").write_text(json.dumps({**record, **change}))
    assert any(problem in message for message in problems(copy))


def test_a_record_of_other_sources_is_refused(copy):
    record = json.loads((copy / "benchmark.json").read_text())
    record["sources"]["fashion-mnist"] = record["sources"]["mnist-5k"]
    (copy / "benchmark.json").write_text(json.dumps(record))
    with pytest.raises(DGBenchError, match="records the sources"):
        problems(copy)
