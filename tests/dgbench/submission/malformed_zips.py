"""Invalid zips, each with the code of its refusal."""

import io
import pickle
import zipfile

from tests.dgbench.submission.making import good_bundle, good_members
from tests.dgbench.submission.spoiling import (
    PREDICTIONS,
    patched,
    symlink,
    with_members,
    with_text,
    zipped,
)


def _items():
    return list(good_members().items())


def _wide_directory():
    """A directory of sixty thousand entries, in few bytes of data."""
    return zipped([(f"{n:05}", b"") for n in range(60_000)])


def _gap():
    data = good_bundle()
    archive = zipfile.ZipFile(io.BytesIO(data))
    second = archive.infolist()[1].header_offset
    start, hidden = archive.start_dir, b"hidden between the members"
    moved = bytearray(data[:second] + hidden + data[second:])
    place = moved.rindex(b"PK\x01\x02") + 42
    moved[place : place + 4] = (second + len(hidden)).to_bytes(4, "little")
    moved[-6:-2] = (start + len(hidden)).to_bytes(4, "little")
    return bytes(moved)


def _overlapping():
    """Two directory entries that name the same bytes."""
    data = bytearray(good_bundle())
    place = data.rindex(b"PK\x01\x02") + 42
    data[place : place + 4] = (0).to_bytes(4, "little")
    return bytes(data)


def _bad_crc():
    data = bytearray(good_bundle())
    place = data.index(b"PAR1") + 40
    data[place] ^= 0xFF
    return bytes(data)


PICKLE = pickle.dumps({"pred": [1, 2, 3]})

ZIPS = [
    ("empty file", "E_ZIP", lambda: b""),
    ("a pickle", "E_ZIP", lambda: PICKLE),
    ("a text", "E_ZIP", lambda: b"pred\n1\n2\n"),
    ("a Parquet file", "E_ZIP", lambda: good_members()[PREDICTIONS]),
    ("cut in half", "E_ZIP", lambda: good_bundle()[: len(good_bundle()) // 2]),
    ("too large", "E_BUNDLE_SIZE", lambda: b"PK\x03\x04" + bytes(64 * 2**20)),
    ("an empty zip", "E_ZIP_MISSING", lambda: zipped([])),
    ("something before", "E_ZIP", lambda: b"#!/bin/sh\n" + good_bundle()),
    ("something after", "E_ZIP_LAYOUT", lambda: good_bundle() + b"more"),
    ("a comment of the zip", "E_ZIP_LAYOUT", lambda: good_bundle()[:-2] + b"\x04\x00more"),
    ("something between", "E_ZIP_LAYOUT", _gap),
    ("members that overlap", "E_ZIP_LAYOUT", _overlapping),
    ("a member more", "E_ZIP_NAME", lambda: zipped([*_items(), ("weights.pt", PICKLE)])),
    ("sixty thousand members", "E_ZIP_NAME", _wide_directory),
    ("a path upwards", "E_ZIP_NAME", lambda: zipped([*_items(), ("../model_card.md", b"x")])),
    ("an absolute path", "E_ZIP_NAME", lambda: zipped([*_items(), ("/etc/passwd", b"x")])),
    ("a drive", "E_ZIP_NAME", lambda: zipped([*_items(), ("C:\\model_card.md", b"x")])),
    ("in a folder", "E_ZIP_NAME", lambda: zipped([(f"a/{n}", c) for n, c in _items()])),
    ("a folder", "E_ZIP_NAME", lambda: zipped([*_items(), ("model_card.md/", b"")])),
    ("capital letters", "E_ZIP_NAME", lambda: zipped([(n.title(), c) for n, c in _items()])),
    (
        "a name with NUL",
        "E_ZIP_NAME",
        lambda: zipped([*_items(), ("model_card.mdX", b"x")]).replace(
            b"model_card.mdX", b"model_card.md\0"
        ),
    ),
    (
        "a name that looks alike",
        "E_ZIP_NAME",
        lambda: zipped([*_items(), ("model_c\u0430rd.md", b"")]),
    ),
    ("a member twice", "E_ZIP_DUPLICATE", lambda: zipped([*_items(), _items()[0]])),
    (
        "a symbolic link",
        "E_ZIP_SYMLINK",
        lambda: zipped([*_items(), (symlink("model_card.md"), "/etc/passwd")]),
    ),
    ("encrypted", "E_ZIP_ENCRYPTED", lambda: patched(good_bundle(), "flags", 1)),
    ("packed with bzip2", "E_ZIP_METHOD", lambda: zipped(_items(), compression=zipfile.ZIP_BZIP2)),
    ("packed with an unknown method", "E_ZIP_METHOD", lambda: patched(good_bundle(), "method", 97)),
    ("no predictions", "E_ZIP_MISSING", lambda: with_members(predictions_parquet=None)),
    ("no manifest", "E_ZIP_MISSING", lambda: with_members(manifest_json=None)),
    ("a long model card", "E_ZIP_MEMBER_SIZE", lambda: with_members(model_card_md=b"a" * 70_000)),
    ("a huge manifest", "E_ZIP_MEMBER_SIZE", lambda: with_text(lambda text: text + " " * 2**18)),
    (
        "a bomb",
        "E_ZIP_RATIO",
        lambda: zipped(
            [_items()[0], (PREDICTIONS, bytes(50 * 2**20))], compression=zipfile.ZIP_DEFLATED
        ),
    ),
    ("a size that lies", "E_ZIP_DAMAGED", lambda: patched(good_bundle(), "size", 100)),
    ("a packed size that lies", "E_ZIP_LAYOUT", lambda: patched(good_bundle(), "packed", 100)),
    ("a wrong checksum", "E_ZIP_DAMAGED", _bad_crc),
    ("a zip within", "E_ZIP_NESTED", lambda: with_members(model_card_md=good_bundle()[:60_000])),
    (
        "gzip within",
        "E_ZIP_NESTED",
        lambda: with_members(predictions_parquet=b"\x1f\x8b\x08" + bytes(99)),
    ),
]
