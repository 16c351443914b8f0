"""Read from predictions which images a run is right on."""

import io
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from jaxtyping import Bool

from data_gen.foundation.documents import digest_of
from data_gen.foundation.errors import DGBenchError
from dgbench.results.folder import PREDICTIONS
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
    columns = ["domain", "image_id", "label", "pred"]
    try:
        table = pq.read_table(io.BytesIO(data), columns=columns)
        names = table["domain"].to_numpy()
        correct = {}
        for domain in domains:
            rows = np.flatnonzero(names == domain)
            ids, label, pred = (table[name].to_numpy()[rows] for name in columns[1:])
            correct[domain] = (label == pred)[np.argsort(ids)]
    except (OSError, ValueError, KeyError, pa.ArrowException) as error:
        raise DGBenchError(f"{str(path)!r} cannot be read: {error}.") from error
    return correct
