"""The zip file around a submission, written reproducibly and read without trust."""

import io
import stat
import struct
import zipfile
import zlib
from collections.abc import Mapping

from dgbench.submission.format.members import MAX_BUNDLE_BYTES, MAX_MEMBER_BYTES, NEEDED
from dgbench.submission.format.rejection import Code, printable, rejected

MAX_RATIO = 200
"""Largest ratio of a member's size to its packed size."""

_END = struct.Struct("<4s4H2LH")
_LOCAL = struct.Struct("<4s5H3L2H")
_MAX_EXTRA = 64
"""Largest extra field of a member, in bytes: packers note times and owners in it."""
_SIZES_FOLLOW = 0x8
"""Flag bit that says that a member's sizes are written after the member."""
_END_SIGNATURE = b"PK\x05\x06"
_MAX_DIRECTORY = 4096
"""Largest central directory, in bytes: many times what four short entries need."""
_NO_ZIP64 = 0xFFFF
_ENCRYPTED = 0x1 | 0x40 | 0x2000
_EPOCH = (1980, 1, 1, 0, 0, 0)
_ARCHIVES = (
    b"PK\x03\x04",
    b"PK\x05\x06",
    b"\x1f\x8b",
    b"BZh",
    b"\xfd7zXZ",
    b"7z\xbc\xaf\x27\x1c",
    b"Rar!",
    b"\x28\xb5\x2f\xfd",
)


def write_archive(members: Mapping[str, bytes]) -> bytes:
    """Pack members into a zip: uncompressed, in the order of the allow-list, without times."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_STORED) as archive:
        for name in MAX_MEMBER_BYTES:
            if name in members:
                info = zipfile.ZipInfo(name, date_time=_EPOCH)
                info.create_system = 3  # Unix, on every system
                info.external_attr = (stat.S_IFREG | 0o644) << 16
                archive.writestr(info, members[name])
    return stream.getvalue()


def read_archive(data: bytes) -> dict[str, bytes]:
    """Read the members of a zip.

    Raises RejectedError unless the zip is small and plain and holds only the members of a bundle.
    """
    if len(data) > MAX_BUNDLE_BYTES:
        raise rejected(Code.BUNDLE_SIZE, f"The bundle has {len(data)} bytes.")
    _check_end(data)
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            infos = archive.infolist()
            _check_members(infos)
            _check_layout(infos, data, archive.start_dir)
            members = {info.filename: _read(archive, info) for info in infos}
    except (zipfile.BadZipFile, zlib.error, EOFError, struct.error) as error:
        raise rejected(Code.ZIP_DAMAGED, f"The bundle is damaged: {printable(str(error))}.") from (
            error
        )
    except (NotImplementedError, RuntimeError, ValueError, UnicodeDecodeError) as error:
        raise rejected(Code.ZIP, f"The zip cannot be read: {printable(str(error))}.") from error
    for name, content in members.items():
        if content.startswith(_ARCHIVES):
            raise rejected(Code.ZIP_NESTED, f"{name} is itself an archive.", [name])
    return members


def _check_end(data: bytes) -> None:
    """Check where the directory lies and how many entries it has, before zipfile relies on it."""
    if len(data) < _END.size or not data.startswith((b"PK\x03\x04", _END_SIGNATURE)):
        raise rejected(Code.ZIP, "The file does not begin like a zip.")
    start = len(data) - _END.size
    signature, disk, first_disk, here, total, size, offset, comment = _END.unpack(data[start:])
    if signature != _END_SIGNATURE or comment:
        if _END_SIGNATURE in data[-(_END.size + _NO_ZIP64) :]:
            raise rejected(Code.ZIP_LAYOUT, "There are bytes after the end of the zip.")
        raise rejected(Code.ZIP, "The zip has no end: it was cut off.")
    if disk or first_disk or here != total or _NO_ZIP64 in (here, total):
        raise rejected(Code.ZIP_LAYOUT, "The zip is in several parts, or Zip64.")
    if total > len(MAX_MEMBER_BYTES):
        raise rejected(
            Code.ZIP_NAME, f"The zip has {total} members, more than {len(MAX_MEMBER_BYTES)}."
        )
    if size > _MAX_DIRECTORY or offset + size != start:
        raise rejected(Code.ZIP_LAYOUT, "The zip's directory is not where its end record says.")


def _check_members(infos: list[zipfile.ZipInfo]) -> None:
    names = [info.orig_filename for info in infos]
    if strange := [name for name in names if name not in MAX_MEMBER_BYTES]:
        raise rejected(Code.ZIP_NAME, "The zip has a member that a bundle may not have.", strange)
    if repeated := [name for name in MAX_MEMBER_BYTES if names.count(name) > 1]:
        raise rejected(Code.ZIP_DUPLICATE, "The zip has the same member twice.", repeated)
    for info in infos:
        _check_member(info)
    if missing := [name for name in NEEDED if name not in names]:
        raise rejected(Code.ZIP_MISSING, "The zip lacks a member that a bundle must have.", missing)


def _check_member(info: zipfile.ZipInfo) -> None:
    name = info.filename
    kind = stat.S_IFMT(info.external_attr >> 16)
    if info.flag_bits & _ENCRYPTED:
        raise rejected(Code.ZIP_ENCRYPTED, f"{name} is encrypted.", [name])
    if kind not in (0, stat.S_IFREG) or info.is_dir():
        raise rejected(Code.ZIP_SYMLINK, f"{name} is not a regular file.", [name])
    if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise rejected(Code.ZIP_METHOD, f"{name} uses compression {info.compress_type}.", [name])
    if info.file_size > MAX_MEMBER_BYTES[name]:
        raise rejected(Code.ZIP_MEMBER_SIZE, f"{name} unpacks to {info.file_size} bytes.", [name])
    if info.file_size > MAX_RATIO * max(info.compress_size, 1):
        ratio = info.file_size // max(info.compress_size, 1)
        raise rejected(Code.ZIP_RATIO, f"{name} is compressed {ratio} : 1.", [name])


def _check_layout(infos: list[zipfile.ZipInfo], data: bytes, directory: int) -> None:
    """Check that members lie side by side, without overlaps or hidden bytes between them."""
    position = 0
    for info in sorted(infos, key=lambda info: info.header_offset):
        if info.header_offset != position:
            raise rejected(
                Code.ZIP_LAYOUT, f"{info.filename} does not follow the member before it."
            )
        *_, n_name, n_extra = _LOCAL.unpack_from(data, position)
        if n_extra > _MAX_EXTRA:
            raise rejected(
                Code.ZIP_LAYOUT, f"{info.filename} has an extra field of {n_extra} bytes."
            )
        position += _LOCAL.size + n_name + n_extra + info.compress_size
        if info.flag_bits & _SIZES_FOLLOW:
            is_signed = data[position : position + 4] == b"PK\x07\x08"
            position += 16 if is_signed else 12
    if position != directory:
        raise rejected(Code.ZIP_LAYOUT, "There are bytes between the members and the directory.")


def _read(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> bytes:
    """Read one member, and never more bytes than its directory entry declares."""
    with archive.open(info) as stream:
        content = stream.read(info.file_size + 1)
    if len(content) != info.file_size:
        raise rejected(
            Code.ZIP_DAMAGED,
            f"{info.filename} has {len(content)} bytes, but declares {info.file_size}.",
            [info.filename],
        )
    return content
