"""Bundles that ask for far more than they give: small to send, huge to read."""

import io
import struct
import zipfile

import numpy as np
import pyarrow as pa

from tests.dgbench.submission.making import good_bundle, good_members
from tests.dgbench.submission.spoiling import (
    PREDICTIONS,
    arrow_table,
    parquet,
    patched,
    replaced,
    symlink,
    with_members,
    with_parquet,
    zipped,
)

_MANY = 20_000_000
_EXPECTED = 24_000


def _bomb():
    return zipped(
        [("manifest.json", b"{}"), (PREDICTIONS, bytes(60 * 2**20))],
        compression=zipfile.ZIP_DEFLATED,
    )


def _lying_bomb():
    """It unpacks to 60 MB and says 9 kB, within the ratio."""
    data = _bomb()
    archive = zipfile.ZipFile(io.BytesIO(data))
    honest = archive.infolist()[1].compress_size
    return patched(data, "size", 100 * honest, member=1)


def _quine():
    """Ten zips in a zip in a zip."""
    content = bytes(2**20)
    for _ in range(4):
        content = zipped(
            [(f"{n}.zip", content) for n in range(10)], compression=zipfile.ZIP_DEFLATED
        )
    return with_members(model_card_md=content[:60_000])


def _zip64_lie():
    data = bytearray(good_bundle())
    data[-14:-10] = struct.pack("<HH", 0xFFFF, 0xFFFF)
    return bytes(data)


def _rows(n):
    return pa.table(
        {
            "seed": pa.array(np.zeros(n, np.uint16)),
            "domain": pa.DictionaryArray.from_arrays(
                pa.array(np.zeros(n, np.int32)), pa.array(["id"])
            ),
            "image_id": pa.array(np.zeros(n, np.uint32)),
            "pred": pa.array(np.zeros(n, np.uint8)),
        }
    )


def _many_rows():
    return parquet(_rows(_MANY), compression="zstd", row_group_size=_MANY)


def _varint(number, size):
    """A number as Thrift writes it, drawn out to some bytes."""
    parts = [2 * number >> 7 * index & 0x7F for index in range(size)]
    return bytes([part | 0x80 for part in parts[:-1]] + parts[-1:])


def _lying_footer():
    """Twenty million rows, of which the footer says that they are as many as expected."""
    content = bytearray(_many_rows())
    size = int.from_bytes(content[-8:-4], "little")
    start = len(content) - 8 - size
    footer = bytes(content[start:-8])
    told = footer.replace(_varint(_MANY, 4), _varint(_EXPECTED, 4))
    assert told != footer
    content[start:-8] = told
    return with_parquet(bytes(content))


def _long_name():
    """One domain whose name has 400 MB."""
    table = arrow_table()
    names = pa.DictionaryArray.from_arrays(
        pa.array(np.zeros(len(table), np.int32)), pa.array(["x" * (400 * 2**20)])
    )
    return with_parquet(parquet(replaced(table, "domain", names), compression="zstd"))


def _huge_footer():
    content = good_members()[PREDICTIONS]
    footer = bytes(40 * 2**20)
    return with_parquet(content[:4] + footer + len(footer).to_bytes(4, "little") + b"PAR1")


HOSTILE = {
    "bomb": ("E_ZIP_RATIO", _bomb),
    "bomb that lies": ("E_ZIP_DAMAGED", _lying_bomb),
    "nested": ("E_ZIP_NESTED", _quine),
    "Zip64 lie": ("E_ZIP_LAYOUT", _zip64_lie),
    "sixty thousand members": (
        "E_ZIP_NAME",
        lambda: zipped([(f"{n:05}", b"") for n in range(60_000)]),
    ),
    "traversal": ("E_ZIP_NAME", lambda: zipped([*good_members().items(), ("../../x", b"x")])),
    "symlink": ("E_ZIP_SYMLINK", lambda: zipped([(symlink("manifest.json"), b"/etc/passwd")])),
    "RLE Parquet": ("E_ROWCOUNT", lambda: with_parquet(_many_rows())),
    "Parquet whose footer lies": ("E_DUP_KEY", _lying_footer),
    "name of 400 MB": ("E_MEMORY", _long_name),
    "footer of 40 MB": ("E_PARQUET", _huge_footer),
    "deep JSON": ("E_JSON_DEPTH", lambda: with_members(manifest_json=b"[" * 200_000)),
    "long number": ("E_JSON_NUMBER", lambda: with_members(manifest_json=b"9" * 200_000)),
}
