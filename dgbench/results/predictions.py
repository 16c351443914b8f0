"""`predictions.parquet`: a row for each image and test domain, enough for every score.

Results that are kept for long leave out what the spec tells as well, the labels. Their file says by
how much each prediction differs from its label: `shift` = (pred - label) mod the number of classes.
"""

import io
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple, Protocol

import numpy as np
from jaxtyping import Float, Int

from data_gen.foundation.documents import digest_of
from data_gen.foundation.errors import DGBenchError
from data_gen.foundation.files import write_whole

SHIFT = "shift"
"""The column that takes the place of `label` and `pred` in a file without labels."""
_HARDEST = 19
"""Level of compression for what is written once and kept."""


class LabelKey(Protocol):
    """The labels of a benchmark's test images."""

    @property
    def n_classes(self) -> int:
        """Number of classes."""

    def labels_of(self, domain: str, image_id: Int[np.ndarray, " n"]) -> Int[np.ndarray, " n"]:
        """Return the labels of some images of one domain. Raises KeyError for unknown ones."""


class Predictions(NamedTuple):
    """A method's predictions on one domain."""

    domain: str
    image_id: Int[np.ndarray, " n"]
    label: Int[np.ndarray, " n"]
    pred: Int[np.ndarray, " n"]
    probabilities: Float[np.ndarray, "n k"] | None
    """Rows sum to 1. None if the method gives no probabilities."""


def write_predictions(path: Path, domains: Iterable[Predictions]) -> str:
    """Write all domains to one file, and return its SHA-256."""
    import pyarrow as pa

    tables = []
    for predictions in domains:
        columns = _key_columns(predictions)
        columns["label"] = pa.array(predictions.label.astype(np.int16))
        columns["pred"] = pa.array(predictions.pred.astype(np.int16))
        if predictions.probabilities is not None:
            for k, column in enumerate(predictions.probabilities.T):
                columns[f"p{k}"] = pa.array(np.ascontiguousarray(column, np.float32))
        tables.append(pa.table(columns))
    return _write(path, tables, use_dictionary=["domain", "label", "pred"])


def write_shifts(path: Path, domains: Iterable[Predictions], *, n_classes: int) -> str:
    """Write all domains to one file without labels and probabilities, and return its SHA-256."""
    import pyarrow as pa

    tables = []
    for predictions in domains:
        shift = (predictions.pred - predictions.label) % n_classes
        columns = {**_key_columns(predictions), SHIFT: pa.array(shift.astype(np.uint8))}
        tables.append(pa.table(columns))
    return _write(
        path,
        tables,
        use_dictionary=["domain", SHIFT],
        compression_level=_HARDEST,
        write_statistics=False,
        store_schema=False,
    )


def read_predictions(path: Path, *, key: LabelKey | None = None) -> Iterator[Predictions]:
    """The domains of a file, each in the order in which it was written.

    `key` is asked where the file leaves out the labels.
    """
    import pyarrow.compute as pc
    import pyarrow.parquet as pq

    try:
        table = pq.read_table(path)
        names = table.column_names
        for domain in pc.unique(table["domain"]).to_pylist():
            rows = table.filter(pc.equal(table["domain"], domain))
            k = sum(name[0] == "p" and name[1:].isdigit() for name in names)
            columns = [rows[f"p{index}"].to_numpy() for index in range(k)]
            yield Predictions(
                domain,
                rows["image_id"].to_numpy().astype(np.int64),
                *_label_and_pred(rows, domain, key),
                probabilities=np.stack(columns, axis=1) if columns else None,
            )
    except (OSError, ValueError, KeyError) as error:
        raise DGBenchError(f"{str(path)!r} cannot be read: {error}.") from error


def _key_columns(predictions: Predictions) -> dict[str, Any]:
    import pyarrow as pa

    names = pa.array([predictions.domain] * len(predictions.label))
    return {
        "domain": names.dictionary_encode(),
        "image_id": pa.array(predictions.image_id.astype(np.int32)),
    }


def _write(path: Path, tables: list[Any], *, use_dictionary: list[str], **options: Any) -> str:
    import pyarrow as pa
    import pyarrow.parquet as pq

    stream = io.BytesIO()
    pq.write_table(
        pa.concat_tables(tables).unify_dictionaries(),
        stream,
        compression="zstd",
        use_dictionary=use_dictionary,
        # Ids count upwards, so their differences take next to nothing.
        column_encoding={"image_id": "DELTA_BINARY_PACKED"},
        **options,
    )
    data = stream.getvalue()
    write_whole(path, data)
    return digest_of(data)


def _label_and_pred(
    rows: Any, domain: str, key: LabelKey | None
) -> tuple[Int[np.ndarray, " n"], Int[np.ndarray, " n"]]:
    if SHIFT not in rows.column_names:
        label = rows["label"].to_numpy().astype(np.int64)
        return label, rows["pred"].to_numpy().astype(np.int64)
    if key is None:
        raise ValueError("it leaves out the labels, which the benchmark's spec tells")
    label = key.labels_of(domain, rows["image_id"].to_numpy().astype(np.int64)).astype(np.int64)
    shift = rows[SHIFT].to_numpy().astype(np.int64)
    return label, (label + shift) % key.n_classes
