"""Valid bundles of every kind."""

import io
import json
import zipfile

import pyarrow as pa

from tests.dgbench.submission.making import good_bundle, good_manifest, good_members
from tests.dgbench.submission.spoiling import (
    arrow_table,
    parquet,
    replaced,
    shuffled,
    with_field,
    with_members,
    with_parquet,
    with_rows,
    zipped,
)


def _items():
    return list(good_members().items())


def _streamed():
    """A zip by a program that cannot go back to write sizes."""

    class Pipe(io.RawIOBase):
        def __init__(self):
            self.parts = []

        def writable(self):
            return True

        def write(self, part):
            self.parts.append(bytes(part))
            return len(part)

    pipe = Pipe()
    with zipfile.ZipFile(pipe, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in _items():
            archive.writestr(name, content)
    return b"".join(pipe.parts)


def _timed():
    """A zip with dates and owners, as the usual programs write it."""
    members = []
    for name, content in _items():
        info = zipfile.ZipInfo(name, date_time=(2026, 5, 4, 3, 2, 2))
        info.extra = b"UT\x05\x00\x01\x00\x00\x00\x60"
        members.append((info, content))
    return zipped(members)


def _plain_strings(table):
    return replaced(table, "domain", table["domain"].cast(pa.string()))


VALID = [
    ("as it is", good_bundle),
    ("deflated", lambda: zipped(_items(), compression=zipfile.ZIP_DEFLATED)),
    ("members in another order", lambda: zipped(reversed(_items()))),
    ("written to a pipe", _streamed),
    ("with dates", _timed),
    (
        "laid out for reading",
        lambda: with_members(manifest_json=json.dumps(good_manifest(), indent=4).encode()),
    ),
    (
        "keys in another order",
        lambda: with_members(manifest_json=json.dumps(good_manifest(), sort_keys=True).encode()),
    ),
    ("rows in another order", lambda: with_rows(shuffled)),
    ("plain strings", lambda: with_rows(_plain_strings)),
    ("uncompressed", lambda: with_parquet(parquet(arrow_table(), compression="none"))),
    (
        "in snappy and many pages",
        lambda: with_parquet(
            parquet(arrow_table(), compression="snappy", data_page_size=500, row_group_size=1000)
        ),
    ),
    (
        "format 1.0",
        lambda: with_parquet(
            parquet(arrow_table(), version="2.4", use_dictionary=False, store_schema=True)
        ),
    ),
]
"""All of the same content: their ids are one."""

OTHERS = [
    ("a single seed", lambda: good_bundle((7,))),
    ("five seeds", lambda: good_bundle((0, 1, 2, 3, 65535))),
    ("with probabilities", lambda: good_bundle(with_probabilities=True)),
    ("with a model card", lambda: with_members(model_card_md="# M\u00e9thode\n\nText.\n".encode())),
    ("with an environment", lambda: with_members(environment_json=b'{"cpu": "x"}')),
    ("a demonstration", lambda: with_field("demonstration", True)),
    ("a name in another script", lambda: with_field("display_name", "\u65b9\u6cd5")),
]
"""Valid too, of other content."""
