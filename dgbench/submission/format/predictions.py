"""`predictions.parquet`: a writer, and a reader that never reads more than the benchmark needs."""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

import numpy as np
from jaxtyping import Int, UInt8, UInt16, UInt32

from dgbench.submission.format.rejection import Code, printable, rejected

MAX_ROW_GROUPS = 64
_KEYS = ("seed", "domain", "image_id")
_ROW_GROUP = 2**20
_MAGIC = b"PAR1"
_MAX_FOOTER = 2**20
"""Largest footer, in bytes: 64 row groups of 14 columns take a fifth of it."""


class Table(NamedTuple):
    """The rows of the file, in its order."""

    seed: UInt16[np.ndarray, " r"]
    domain: Int[np.ndarray, " r"]
    """Index into `domains`."""
    domains: tuple[str, ...]
    image_id: UInt32[np.ndarray, " r"]
    pred: UInt8[np.ndarray, " r"]
    probabilities: UInt16[np.ndarray, "k r"] | None


def write_table(table: Table) -> bytes:
    """Encode a table as a compressed Parquet file, with its rows in any order."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    names = pa.array(list(table.domains), pa.string())
    columns = {
        "seed": pa.array(table.seed),
        "domain": pa.DictionaryArray.from_arrays(pa.array(table.domain.astype(np.int32)), names),
        "image_id": pa.array(table.image_id),
        "pred": pa.array(table.pred),
    }
    for k, column in enumerate(() if table.probabilities is None else table.probabilities):
        columns[f"p{k}"] = pa.array(column)
    stream = io.BytesIO()
    pq.write_table(
        pa.table(columns),
        stream,
        compression="zstd",
        row_group_size=_ROW_GROUP,
        # Ids count upwards, so their differences take next to nothing.
        use_dictionary=["seed", "domain", "pred"],
        column_encoding={"image_id": "DELTA_BINARY_PACKED"},
        write_statistics=False,
    )
    return stream.getvalue()


def read_table(data: bytes, *, n_rows: int, n_classes: int, has_probabilities: bool) -> Table:
    """Read the rows of a file.

    Raises RejectedError unless the file has exactly the expected columns and types. It may have
    fewer rows than `n_rows`: the alignment names the missing ones.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    names = [*_KEYS, "pred", *(f"p{k}" for k in range(n_classes) if has_probabilities)]
    _check_ends(data)
    with _errors_as_rejections():
        footer = pq.read_metadata(pa.BufferReader(data))
        n_read = _check_footer(footer, names, n_rows)
        file = pq.ParquetFile(
            pa.BufferReader(data), metadata=footer, read_dictionary=["domain"], pre_buffer=False
        )
        _check_types(file.schema_arrow)
        seed = _numbers(file, "seed", pa.uint16(), n_read)
        domain, domains = _domain(file, n_read)
        image_id = _numbers(file, "image_id", pa.uint32(), n_read)
        pred = _numbers(file, "pred", pa.uint8(), n_read)
        probabilities = None
        if has_probabilities:
            probabilities = np.empty((n_classes, n_read), np.uint16)
            for k in range(n_classes):
                probabilities[k] = _numbers(file, f"p{k}", pa.uint16(), n_read)
    return Table(seed, domain, domains, image_id, pred, probabilities)


@contextmanager
def _errors_as_rejections() -> Iterator[None]:
    import pyarrow as pa

    try:
        yield
    except MemoryError as error:
        raise rejected(Code.MEMORY, "predictions.parquet asks for too much memory.") from error
    except (pa.ArrowException, OSError, ValueError, KeyError, TypeError) as error:
        first = (str(error).splitlines() or [""])[0]
        raise rejected(
            Code.PARQUET, f"predictions.parquet cannot be read: {printable(first)}."
        ) from error


def _check_ends(data: bytes) -> None:
    """Check both ends of the file before the footer is parsed, which takes many times its size."""
    if len(data) < 2 * len(_MAGIC) + 4 or not (data[:4] == data[-4:] == _MAGIC):
        raise rejected(Code.PARQUET, "predictions.parquet is not a Parquet file, or was cut off.")
    size = int.from_bytes(data[-8:-4], "little")
    if size > _MAX_FOOTER:
        raise rejected(Code.PARQUET, f"The footer of predictions.parquet has {size} bytes.")


def _check_footer(footer: Any, names: list[str], n_rows: int) -> int:
    """Check the footer before any page is read, and return the number of rows."""
    schema = footer.schema
    if footer.num_row_groups > MAX_ROW_GROUPS:
        raise rejected(Code.PARQUET_ROW_GROUPS, f"There are {footer.num_row_groups} row groups.")
    columns = [schema.column(index) for index in range(len(schema))]
    if nested := [c.path for c in columns if c.path != c.name or c.max_repetition_level]:
        raise rejected(Code.PARQUET_TYPE, "A column is nested.", nested)
    column_names = [column.name for column in columns]
    if column_names != names:
        strange = [name for name in column_names if name not in names]
        missing = [name for name in names if name not in column_names]
        raise rejected(
            Code.PARQUET_COLUMNS,
            f"The columns are not the expected ones, {', '.join(names[:4])}"
            f"{' and probabilities' if len(names) > len(_KEYS) + 1 else ''}.",
            strange or missing or column_names,
        )
    n_declared: int = footer.num_rows
    n_in_groups = sum(footer.row_group(index).num_rows for index in range(footer.num_row_groups))
    if not 0 < n_declared <= n_rows or n_in_groups != n_declared:
        raise rejected(Code.ROWCOUNT, f"There are {n_declared} rows, expected {n_rows}.")
    return n_declared


def _check_types(schema: Any) -> None:
    import pyarrow as pa

    expected = {"seed": pa.uint16(), "image_id": pa.uint32(), "pred": pa.uint8()}
    text = pa.dictionary(pa.int32(), pa.string())
    wrong = [
        f"{field.name}: {field.type}"
        for field in schema
        if field.type != (text if field.name == "domain" else expected.get(field.name, pa.uint16()))
    ]
    if wrong:
        raise rejected(Code.PARQUET_TYPE, "A column has the wrong type.", wrong)


def _column(file: Any, name: str, n_rows: int) -> Any:
    column = file.read(columns=[name], use_threads=False).column(0)
    if len(column) != n_rows:
        raise rejected(Code.ROWCOUNT, f"{name} has {len(column)} rows, expected {n_rows}.")
    if column.null_count:
        raise rejected(Code.NULL, f"{name} has {column.null_count} empty cells.")
    return column


def _numbers(file: Any, name: str, kind: Any, n_rows: int) -> np.ndarray[Any, Any]:
    column = _column(file, name, n_rows)
    if column.type != kind:
        raise rejected(Code.PARQUET_TYPE, f"{name} is {column.type}, expected {kind}.")
    return _values(column.chunks, name_of_type=str(kind))


def _domain(file: Any, n_rows: int) -> tuple[Int[np.ndarray, " r"], tuple[str, ...]]:
    column = _column(file, "domain", n_rows).unify_dictionaries()
    if not column.num_chunks:
        return np.empty(0, np.int32), ()
    names = tuple(str(name) for name in column.chunk(0).dictionary.to_pylist())
    indices = _values([chunk.indices for chunk in column.chunks], name_of_type="int32")
    # pyarrow does not check that the indices of a file lie within its dictionary.
    if len(indices) and not 0 <= indices.min() <= indices.max() < len(names):
        raise rejected(Code.PARQUET, "A domain lies outside the dictionary of domains.")
    return indices, names


def _values(chunks: list[Any], *, name_of_type: str) -> np.ndarray[Any, Any]:
    """Read the numbers of a column without empty cells from Arrow's buffers.

    Arrow's own `to_numpy` imports pandas, which takes longer than everything else in a bundle.
    """
    dtype = np.dtype(name_of_type)
    parts = [
        np.frombuffer(
            chunk.buffers()[1], dtype, count=len(chunk), offset=chunk.offset * dtype.itemsize
        )
        for chunk in chunks
        if len(chunk)
    ]
    return np.concatenate(parts) if parts else np.empty(0, dtype)
