"""`predictions.parquet`: a row for each image and test domain, enough for every score."""

import io
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
from jaxtyping import Float, Int

from data_gen.foundation.documents import digest_of
from data_gen.foundation.errors import DGBenchError
from data_gen.foundation.files import write_whole


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
    import pyarrow.parquet as pq

    tables = []
    for predictions in domains:
        columns = {
            "domain": pa.array([predictions.domain] * len(predictions.label)).dictionary_encode(),
            "image_id": pa.array(predictions.image_id.astype(np.int32)),
            "label": pa.array(predictions.label.astype(np.int16)),
            "pred": pa.array(predictions.pred.astype(np.int16)),
        }
        if predictions.probabilities is not None:
            for k, column in enumerate(predictions.probabilities.T):
                columns[f"p{k}"] = pa.array(np.ascontiguousarray(column, np.float32))
        tables.append(pa.table(columns))
    stream = io.BytesIO()
    pq.write_table(
        pa.concat_tables(tables).unify_dictionaries(),
        stream,
        compression="zstd",
        # Ids count upwards, so their differences take next to nothing.
        use_dictionary=["domain", "label", "pred"],
        column_encoding={"image_id": "DELTA_BINARY_PACKED"},
    )
    data = stream.getvalue()
    write_whole(path, data)
    return digest_of(data)


def read_predictions(path: Path) -> Iterator[Predictions]:
    """The domains of a file, each in the order in which it was written."""
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
                domain=domain,
                image_id=rows["image_id"].to_numpy().astype(np.int64),
                label=rows["label"].to_numpy().astype(np.int64),
                pred=rows["pred"].to_numpy().astype(np.int64),
                probabilities=np.stack(columns, axis=1) if columns else None,
            )
    except (OSError, ValueError, KeyError) as error:
        raise DGBenchError(f"{str(path)!r} cannot be read: {error}.") from error
