"""A data set on disk opens in the libraries that people use, with the very pixels rendered."""

import csv

import numpy as np
import pytest
import yaml
from PIL import Image

from data_gen.manifest import CARD
from data_gen.readers import read_rows


def rendered(generator, name):
    chunks = [chunk for _, chunk in generator.chunks(generator.split(name))]
    return np.concatenate([c.images for c in chunks]), np.concatenate([c.labels for c in chunks])


def of_layout(layout):
    return pytest.mark.parametrize("data_set", [layout], indirect=True)


@of_layout("parquet")
def test_datasets_opens_every_split_and_alias(data_set, generator, tmp_path, monkeypatch):
    folder = data_set.folder
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    import datasets

    datasets.disable_progress_bars()
    data = datasets.load_dataset(str(folder), cache_dir=str(tmp_path))
    assert set(data) == {*generator.splits, *generator.spec.aliases}
    assert data["train"].features["label"].names == [str(digit) for digit in range(10)]
    assert isinstance(data["train"].features["image"], datasets.Image)
    for name in ("train", "only.shape", "mp.color.mean", "conflict"):
        images, labels = rendered(generator, name)
        assert data[name]["label"][:] == labels.tolist()
        assert all(np.array_equal(data[name][i]["image"], images[i]) for i in (0, 57, -1))
    assert set(data["mp.color.mean"]["color"]) == {None}
    assert set(data["unlabelled_ood"]["label"]) == {None}


@of_layout("npz")
def test_numpy_opens_an_npz_without_pickle(data_set, generator):
    folder = data_set.folder
    for name in ("train", "mp.color.neutral"):
        images, labels = rendered(generator, name)
        with np.load(folder / "data" / f"{name}.npz", allow_pickle=False) as archive:
            assert np.array_equal(archive["images"], images)
            assert np.array_equal(archive["labels"], labels)
            assert ((archive["color"] == -1) == (name != "train")).all()
    with np.load(folder / "data" / "unlabelled_ood.npz") as archive:
        assert (archive["labels"] == -1).all()


@of_layout("imagefolder")
def test_an_image_folder_has_a_folder_for_each_class_and_a_table(data_set, generator, tmp_path):
    folder = data_set.folder
    import datasets

    _, labels = rendered(generator, "id")
    counts = [len(list((folder / "id" / f"{k}-{k}").glob("*.png"))) for k in range(10)]
    assert counts == np.bincount(labels).tolist()
    with (folder / "id" / "metadata.csv").open(newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert [int(row["label"]) for row in rows] == labels.tolist()
    datasets.disable_progress_bars()
    data = datasets.load_dataset(str(folder), cache_dir=str(tmp_path))
    assert set(data) == {*generator.splits, *generator.spec.aliases}
    assert data["id"]["color"][:] == [int(row["color"]) for row in rows]


def test_every_layout_holds_the_same_rows(data_set, generator):
    images, labels = rendered(generator, "up.color")
    rows = list(read_rows(data_set.folder, generator.spec, "up.color", data_set.manifest.layout))
    assert [int(row.columns["label"]) for row in rows] == labels.tolist()
    assert np.array_equal(np.stack([row.pixels for row in rows]), images)


def test_the_card_counts_the_images_made(data_set, generator):
    _, front, body = (data_set.folder / CARD).read_text(encoding="utf-8").split("---\n", 2)
    fields = yaml.safe_load(front)
    assert fields["pretty_name"] == "mnist-color-5k@1"
    if data_set.manifest.layout != "npz":
        listed = {entry["split"] for entry in fields["configs"][0]["data_files"]}
        assert listed == {*generator.splits, *generator.spec.aliases}
    _, labels = rendered(generator, "up.color")
    color = np.concatenate(
        [chunk.values["color"] for _, chunk in generator.chunks(generator.split("up.color"))]
    )
    line = next(
        line for line in body.splitlines() if line.startswith("| `up.color` | `only.shape`")
    )
    assert line.endswith(f"| 1.000 | {(color == labels).mean():.3f} |")
    assert "reconstruction" not in body or "none of them is the paper's" in body


def test_the_picture_can_be_opened(data_set):
    with Image.open(data_set.folder / "preview.png") as picture:
        assert picture.width > 500
