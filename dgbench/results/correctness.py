"""Read from predictions which images a run is right on."""

import io
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from jaxtyping import Bool

from data_gen.foundation.documents import digest_of
from data_gen.foundation.errors import DGBenchError
from dgbench.results.folder import PREDICTIONS
from dgbench.results.predictions import SHIFT
from dgbench.results.record import RunRecord


def read_correct(
    folder: Path, record: RunRecord, domains: Sequence[str]
) -> dict[str, Bool[np.ndarray, " n"]] | None:
    """Tell by domain whether each image is predicted right, in the order of ids.

    Returns None without a file, and raises DGBenchError for a file that the record was not made
    from.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    path = folder / PREDICTIONS
    if not path.is_file() or record.predictions_digest is None:
        return None
    data = path.read_bytes()
    if digest_of(data) != record.predictions_digest:
        raise DGBenchError(
            f"{str(path)!r} is not what run.json beside it was made from. `dgbench evaluate "
            f"{folder}` makes both again; without the file the run is reported by its counts."
        )
    try:
        file = pq.ParquetFile(io.BytesIO(data))
        has_labels = SHIFT not in file.schema_arrow.names
        columns = ["domain", "image_id", *(("label", "pred") if has_labels else (SHIFT,))]
        table = file.read(columns=columns)
        names, ids = table["domain"].to_numpy(), table["image_id"].to_numpy()
        if has_labels:
            hits = table["label"].to_numpy() == table["pred"].to_numpy()
        else:
            hits = table[SHIFT].to_numpy() == 0
        correct = {}
        for domain in domains:
            rows = np.flatnonzero(names == domain)
            correct[domain] = hits[rows][np.argsort(ids[rows])]
    except (OSError, ValueError, KeyError, pa.ArrowException) as error:
        raise DGBenchError(f"{str(path)!r} cannot be read: {error}.") from error
    return correct
