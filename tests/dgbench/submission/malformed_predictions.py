"""Predictions that are refused, or are of other data, each with its code."""

import pickle

import numpy as np
import pyarrow as pa

from tests.dgbench.submission.making import good_members
from tests.dgbench.submission.spoiling import (
    PREDICTIONS,
    arrow_table,
    cast,
    named,
    parquet,
    replaced,
    swapped,
    with_cell,
    with_field,
    with_manifest,
    with_parquet,
    with_rows,
)


def _changed_split(document):
    document["benchmark"]["domains"]["up.color"]["pixels"] = "0" * 64


def _changed_training(document):
    document["benchmark"]["train"]["labels"] = "0" * 64


def _lacking_domain(document):
    del document["benchmark"]["domains"]["none"]


def _two_seeds(document):
    document["seeds"] = document["seeds"][:2]
    document["predictions"]["rows"] = 16_000


def _null(table):
    values = table["pred"].to_pylist()
    values[7] = None
    return replaced(table, "pred", pa.array(values, pa.uint8()))


def _nested(table):
    nested = pa.array([{"a": 1}] * len(table), pa.struct([("a", pa.uint8())]))
    return replaced(table, "pred", nested)


def _listed(table):
    return replaced(table, "pred", pa.array([[1]] * len(table), pa.list_(pa.uint8())))


def _renamed_domain(table):
    names = [name.replace("up.color", "only.shape") for name in table["domain"].to_pylist()]
    return replaced(table, "domain", pa.array(names).dictionary_encode())


def _of_two_seeds(table):
    return table.filter(pa.compute.less(table["seed"], 2))


def _seeds(*numbers):
    return with_field("seeds", [{"seed": n, "cost": None} for n in numbers])


def _noise(content):
    spoiled = bytearray(content)
    spoiled[100:2000] = np.random.default_rng(3).bytes(1900)
    return bytes(spoiled)


def _improbable():
    pred = arrow_table(with_probabilities=True)["pred"][5].as_py()
    return with_cell("pred", 5, (pred + 1) % 10, with_probabilities=True)


def _other_prediction():
    pred = arrow_table()["pred"][5].as_py()
    return with_cell("pred", 5, (pred + 1) % 10)


def _exchanged():
    values = arrow_table()["pred"].to_pylist()
    other = next(row for row, value in enumerate(values) if value != values[0])
    return with_rows(lambda table: swapped(table, "pred", 0, other))


PICKLE = pickle.dumps({"pred": [1, 2, 3]})

DATA = [
    ("an unknown benchmark", "E_BENCHMARK", lambda: with_field("benchmark/name", "imagenet@1")),
    (
        "a version that is not there",
        "E_BENCHMARK",
        lambda: with_field("benchmark/name", "mnist-color-5k@9"),
    ),
    ("another spec", "E_SPEC_DIGEST", lambda: with_field("benchmark/spec_digest", "0" * 64)),
    (
        "another source",
        "E_SOURCE_DIGEST",
        lambda: with_field("benchmark/sources", {"mnist-5k": "0" * 64}),
    ),
    ("a source more", "E_SOURCE_DIGEST", lambda: with_field("benchmark/sources/mnist", "0" * 64)),
    (
        "another generator seed",
        "E_GENERATOR_SEED",
        lambda: with_field("benchmark/generator_seed", 1),
    ),
    ("a domain less", "E_DOMAINS", lambda: with_manifest(_lacking_domain)),
    ("other pixels", "E_DATASET_DIGEST", lambda: with_manifest(_changed_split)),
    ("other training labels", "E_DATASET_DIGEST", lambda: with_manifest(_changed_training)),
]

PREDICTED = [
    ("a pickle as predictions", "E_PARQUET", lambda: with_parquet(PICKLE)),
    ("nothing as predictions", "E_PARQUET", lambda: with_parquet(b"")),
    ("CSV as predictions", "E_PARQUET", lambda: with_parquet(b"seed,domain\n0,id\n")),
    ("half a Parquet file", "E_PARQUET", lambda: with_parquet(good_members()[PREDICTIONS][:3000])),
    ("a footer cut off", "E_PARQUET", lambda: with_parquet(good_members()[PREDICTIONS][:-8])),
    (
        "a page that is noise",
        "E_PARQUET",
        lambda: with_parquet(_noise(good_members()[PREDICTIONS])),
    ),
    (
        "too many row groups",
        "E_PARQUET_ROW_GROUPS",
        lambda: with_parquet(parquet(arrow_table(), row_group_size=100)),
    ),
    (
        "a column less",
        "E_PARQUET_COLUMNS",
        lambda: with_rows(lambda table: table.drop_columns("seed")),
    ),
    (
        "labels too",
        "E_PARQUET_COLUMNS",
        lambda: with_rows(lambda t: t.append_column("label", t["pred"])),
    ),
    (
        "columns in another order",
        "E_PARQUET_COLUMNS",
        lambda: with_rows(lambda t: t.select(["pred", "seed", "domain", "image_id"])),
    ),
    (
        "a column twice",
        "E_PARQUET_COLUMNS",
        lambda: with_rows(lambda t: t.append_column("pred", t["pred"])),
    ),
    (
        "capital column names",
        "E_PARQUET_COLUMNS",
        lambda: with_rows(lambda t: named(t, [n.upper() for n in t.column_names])),
    ),
    (
        "probabilities that were not announced",
        "E_PARQUET_COLUMNS",
        lambda: with_parquet(parquet(arrow_table(with_probabilities=True))),
    ),
    (
        "no probabilities though announced",
        "E_PARQUET_COLUMNS",
        lambda: with_parquet(parquet(arrow_table()), with_probabilities=True),
    ),
    ("a nested column", "E_PARQUET_TYPE", lambda: with_rows(_nested)),
    ("a list column", "E_PARQUET_TYPE", lambda: with_rows(_listed)),
    ("floating-point predictions", "E_PARQUET_TYPE", lambda: with_rows(cast("pred", pa.float32()))),
    ("signed predictions", "E_PARQUET_TYPE", lambda: with_rows(cast("pred", pa.int8()))),
    ("64-bit seeds", "E_PARQUET_TYPE", lambda: with_rows(cast("seed", pa.int64()))),
    ("text predictions", "E_PARQUET_TYPE", lambda: with_rows(cast("pred", pa.string()))),
    (
        "binary predictions",
        "E_PARQUET_TYPE",
        lambda: with_rows(lambda t: replaced(t, "pred", pa.array([b"1"] * len(t)))),
    ),
    (
        "domains by number",
        "E_PARQUET_TYPE",
        lambda: with_rows(lambda t: replaced(t, "domain", t["seed"])),
    ),
    ("no row", "E_ROWCOUNT", lambda: with_rows(lambda table: table.slice(0, 0))),
    ("a row less", "E_MISSING_KEY", lambda: with_rows(lambda table: table.slice(1))),
    ("a row more", "E_ROWCOUNT", lambda: with_rows(lambda t: pa.concat_tables([t, t.slice(0, 1)]))),
    ("a seed less", "E_MISSING_KEY", lambda: with_rows(_of_two_seeds)),
    ("a manifest of a seed less", "E_ROWCOUNT", lambda: with_manifest(_two_seeds)),
    ("a manifest of other rows", "E_ROWCOUNT", lambda: with_field("predictions/rows", 23_999)),
    ("an empty cell", "E_NULL", lambda: with_rows(_null)),
    ("a seed that was not declared", "E_SEED", lambda: with_cell("seed", 5, 9)),
    ("other seeds than declared", "E_SEED", lambda: _seeds(0, 1, 3)),
    ("an alias as domain", "E_DOMAIN", lambda: with_rows(_renamed_domain)),
    ("an unknown image", "E_IMAGE", lambda: with_cell("image_id", 5, 1000)),
    ("an image far away", "E_IMAGE", lambda: with_cell("image_id", 5, 2**32 - 1)),
    ("a key twice", "E_DUP_KEY", lambda: with_cell("image_id", 5, 6)),
    ("a seed for another", "E_DUP_KEY", lambda: with_cell("seed", 5, 1)),
    ("a class too high", "E_CLASS_RANGE", lambda: with_cell("pred", 5, 10)),
    ("a class of 255", "E_CLASS_RANGE", lambda: with_cell("pred", 5, 255)),
    (
        "probabilities that do not sum to 1",
        "E_PROBABILITY_SUM",
        lambda: with_cell("p3", 5, 65535, with_probabilities=True),
    ),
    ("a prediction less probable than another", "E_PROBABILITY_ARGMAX", lambda: _improbable()),
    ("another prediction than announced", "E_PREDICTIONS_DIGEST", lambda: _other_prediction()),
    ("two predictions exchanged", "E_PREDICTIONS_DIGEST", lambda: _exchanged()),
]
