"""Ways to take a good bundle apart, change one thing, and put it together again."""

import io
import json
import struct
import warnings
import zipfile

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from tests.dgbench.submission.making import good_manifest, good_members, good_table

MANIFEST, PREDICTIONS = "manifest.json", "predictions.parquet"


def zipped(members, *, compression=zipfile.ZIP_STORED):
    """A zip of (name or ZipInfo, content) pairs, as an ordinary program writes it."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", compression) as archive, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a name twice is just what some tests want
        for name, content in members:
            archive.writestr(name, content)
    return stream.getvalue()


def with_members(**changes):
    """Some members (`_` for `.` in names) replaced or, with None, left out."""
    members = good_members()
    for name, content in changes.items():
        name = ".".join(name.rsplit("_", 1))
        members.pop(name, None)
        if content is not None:
            members[name] = content
    return zipped(members.items())


def with_manifest(change, *, with_probabilities=False):
    """The manifest's document changed in place."""
    document = good_manifest(with_probabilities=with_probabilities)
    change(document)
    members = good_members(with_probabilities=with_probabilities)
    members[MANIFEST] = json.dumps(document).encode()
    return zipped(members.items())


def with_field(path, value):
    """One field of the manifest changed, by its dotted path."""
    *parents, last = path.split("/")

    def change(document):
        for key in parents:
            document = document[int(key) if key.isdigit() else key]
        document[last] = value

    return with_manifest(change)


def with_paper(**fields):
    """A manifest of version 2, with these fields in its paper."""

    def change(document):
        document.update(schema_version=2, paper={"title": "A title", **fields})

    return with_manifest(change)


def with_text(change):
    """The manifest's JSON text changed."""
    text = json.dumps(good_manifest())
    return with_members(manifest_json=change(text).encode("utf-8", "surrogatepass"))


def with_rows(change, *, with_probabilities=False, manifest=None):
    """The predictions' table changed, as a pyarrow table."""
    table = change(arrow_table(with_probabilities=with_probabilities))
    return with_parquet(parquet(table), with_probabilities=with_probabilities, manifest=manifest)


def with_parquet(content, *, with_probabilities=False, manifest=None):
    """Other bytes in the place of predictions.parquet."""
    members = good_members(with_probabilities=with_probabilities)
    document = good_manifest(with_probabilities=with_probabilities)
    if manifest is not None:
        manifest(document)
    members[MANIFEST] = json.dumps(document).encode()
    members[PREDICTIONS] = content
    return zipped(members.items())


def arrow_table(*, with_probabilities=False):
    """The good predictions as a pyarrow table."""
    from dgbench.submission.format.predictions import write_table

    return pq.read_table(
        io.BytesIO(write_table(good_table(with_probabilities=with_probabilities))),
        read_dictionary=["domain"],
    )


def parquet(table, **options):
    """A pyarrow table as a file."""
    stream = io.BytesIO()
    pq.write_table(table, stream, **options)
    return stream.getvalue()


def with_cell(column, row, value, **options):
    """One cell of the predictions changed."""

    def change(table):
        values = table[column].to_numpy().copy()
        values[row] = value
        return replaced(table, column, pa.array(values, table[column].type))

    return with_rows(change, **options)


def replaced(table, column, values):
    """The table with another column in the place of one."""
    return table.set_column(table.column_names.index(column), column, values)


def cast(column, kind):
    """A change that gives a column another type."""
    return lambda table: replaced(table, column, table[column].cast(kind))


def named(table, names):
    """The table with its columns under other names."""
    return table.rename_columns(names)


def patched(data, what, value, *, member=0, local=True, central=True):
    """The zip with one field of a member's headers overwritten.

    `what` is one of flags, method, packed, size.
    """
    places = {
        "flags": (6, 8, "<H"),
        "method": (8, 10, "<H"),
        "packed": (18, 20, "<L"),
        "size": (22, 24, "<L"),
    }
    in_local, in_central, form = places[what]
    data = bytearray(data)
    with zipfile.ZipFile(io.BytesIO(bytes(data))) as archive:
        info, start = archive.infolist()[member], archive.start_dir
    if local:
        struct.pack_into(form, data, info.header_offset + in_local, value)
    for _ in range(member):
        n_name, n_extra, n_comment = struct.unpack_from("<3H", data, start + 28)
        start += 46 + n_name + n_extra + n_comment
    if central:
        struct.pack_into(form, data, start + in_central, value)
    return bytes(data)


def symlink(name):
    """The zip entry of a symbolic link."""
    info = zipfile.ZipInfo(name)
    info.create_system = 3
    info.external_attr = 0o120777 << 16
    return info


def swapped(table, column, a, b):
    """The table with two cells of a column exchanged."""
    values = table[column].to_numpy().copy()
    values[a], values[b] = values[b], values[a]
    return replaced(table, column, pa.array(values, table[column].type))


def shuffled(table):
    """The rows in another order."""
    return table.take(np.random.default_rng(1).permutation(len(table)))
