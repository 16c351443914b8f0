"""Predictions as other evaluators are given them by mistake, each with the code it has here."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tests.dgbench.submission.spoiling import (
    arrow_table,
    cast,
    parquet,
    replaced,
    with_members,
    with_parquet,
    with_rows,
)


def _pred(values):
    """Replace all predictions by values, or by what a function makes of the right ones."""
    return with_rows(lambda table: replaced(table, "pred", values(table["pred"].to_numpy())))


def _float(value, row=5):
    """Floating-point predictions, one of which is not a class."""

    def values(pred):
        changed = pred.astype(np.float64)
        changed[row] = value
        return pa.array(changed)

    return _pred(values)


def _without_domain(table):
    return table.filter(pc.not_equal(table["domain"].cast(pa.string()), "up.color"))


def _first_of_each_domain(table):
    return table.filter(pc.equal(table["image_id"], table["image_id"][0].as_py()))


def _tenth_seed(table):
    seed = table["seed"].to_numpy()
    return replaced(table, "seed", pa.array(np.where(seed == 1, 10, seed).astype(np.uint16)))


def _domains_exchanged(table):
    other = {"id": "none", "none": "id"}
    names = [other.get(name, name) for name in table["domain"].to_pylist()]
    return replaced(table, "domain", pa.array(names).dictionary_encode())


def _seeds_exchanged(table):
    seed = table["seed"].to_numpy()
    return replaced(table, "seed", pa.array((2 - seed).astype(np.uint16)))


def _probabilities_as(change):
    table = arrow_table(with_probabilities=True)
    for k in range(10):
        table = replaced(table, f"p{k}", change(table[f"p{k}"].cast(pa.float32())))
    return with_parquet(parquet(table), with_probabilities=True)


def _float_probabilities():
    return _probabilities_as(lambda column: pc.divide(column, 65535))


def _logits():
    return _probabilities_as(lambda column: pc.subtract(column, 30_000))


def _probability_lists():
    """A list of ten shares in each row, as a network gives them."""
    flat = pa.array(np.full(240_000, 0.1, np.float32))
    lists = pa.FixedSizeListArray.from_arrays(flat, 10)
    return with_rows(lambda table: replaced(table, "pred", lists))


def _one_array_a_domain():
    """A row for each domain of each seed, with all its predictions in a list."""
    table = arrow_table()
    starts = np.arange(0, len(table), 1000)
    pred = pa.ListArray.from_arrays(
        pa.array(np.append(starts, len(table)), pa.int32()), table["pred"].combine_chunks()
    )
    return with_parquet(parquet(replaced(table.take(starts), "pred", pred)))


def _negative():
    def values(pred):
        changed = pred.astype(np.int8)
        changed[5] = -1
        return pa.array(changed)

    return _pred(values)


def _heading(pred):
    return pa.array(["pred", *map(str, pred[1:])])


ELSEWHERE = [
    ("predictions without a domain", "E_MISSING_KEY", lambda: with_rows(_without_domain)),
    (
        "one prediction for a whole domain",
        "E_MISSING_KEY",
        lambda: with_rows(_first_of_each_domain),
    ),
    ("seed 10 for seed 1", "E_SEED", lambda: with_rows(_tenth_seed)),
    ("a heading among predictions", "E_PARQUET_TYPE", lambda: _pred(_heading)),
    ("NaN as prediction", "E_PARQUET_TYPE", lambda: _float(np.nan)),
    ("infinity as prediction", "E_PARQUET_TYPE", lambda: _float(np.inf)),
    ("a fraction as prediction", "E_PARQUET_TYPE", lambda: _float(3.7)),
    (
        "a probability for a class",
        "E_PARQUET_TYPE",
        lambda: _pred(lambda pred: pa.array(pred / 10)),
    ),
    ("a negative class", "E_PARQUET_TYPE", _negative),
    (
        "truth values as predictions",
        "E_PARQUET_TYPE",
        lambda: _pred(lambda pred: pa.array(pred > 4)),
    ),
    ("64-bit predictions", "E_PARQUET_TYPE", lambda: with_rows(cast("pred", pa.int64()))),
    (
        "dates as predictions",
        "E_PARQUET_TYPE",
        lambda: _pred(lambda pred: pa.array(pred.astype(np.int32), pa.date32())),
    ),
    ("nothing but empty cells", "E_PARQUET_TYPE", lambda: _pred(lambda pred: pa.nulls(len(pred)))),
    ("a list of probabilities a row", "E_PARQUET_TYPE", _probability_lists),
    ("an array a domain", "E_PARQUET_TYPE", _one_array_a_domain),
    ("probabilities as fractions", "E_PARQUET_TYPE", _float_probabilities),
    ("logits for probabilities", "E_PARQUET_TYPE", _logits),
    (
        "no predictions among the columns",
        "E_PARQUET_COLUMNS",
        lambda: with_rows(lambda table: table.drop_columns("pred")),
    ),
    (
        "two columns of predictions",
        "E_PARQUET_COLUMNS",
        lambda: with_rows(lambda table: table.append_column("pred_2", table["pred"])),
    ),
    (
        "an address as predictions",
        "E_PARQUET",
        lambda: with_members(predictions_parquet=b"https://example.org/predictions.csv\n"),
    ),
    (
        "code as predictions",
        "E_PARQUET",
        lambda: with_members(predictions_parquet=b"__import__('os').system('id')\n" * 9),
    ),
    (
        "predictions moved on by an image",
        "E_PREDICTIONS_DIGEST",
        lambda: _pred(lambda pred: pa.array(np.roll(pred, 1))),
    ),
    ("two domains exchanged", "E_PREDICTIONS_DIGEST", lambda: with_rows(_domains_exchanged)),
    ("two seeds exchanged", "E_PREDICTIONS_DIGEST", lambda: with_rows(_seeds_exchanged)),
    (
        "a file of predictions for each seed",
        "E_ZIP_NAME",
        lambda: with_members(
            **{f"predictions-seed-{seed}_parquet": b"PAR1" for seed in range(3)},
            predictions_parquet=None,
        ),
    ),
]
