"""ZIP archives as a container may be: one way to write them, and one way to read them.

Programs disagree about archives that break the rules: of two entries with one name some take the
first and some the last, some believe the directory and some the headers before the files. Whoever
plays on that shows one person another file than the next. So an archive is read only if there is
one way to read it: the files follow each other from the first byte on, nothing lies between,
before or behind them, and each header says what the directory says (APPNOTE.TXT 6.3.9).

Written archives are stored, not compressed: another version of zlib would give other bytes, and
what companies seal is mostly compressed already.
"""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from eseal.errors import InvalidFormatError, TooLargeError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

Content = bytes | memoryview
"""A file's bytes; what is stored as it is, is not copied."""

_LOCAL: Final = struct.Struct("<4sHHHHHIIIHH")
_CENTRAL: Final = struct.Struct("<4sHHHHHHIIIHHHHHII")
_END: Final = struct.Struct("<4sHHHHIIH")
_DESCRIPTOR: Final = struct.Struct("<III")
LOCAL_MAGIC: Final = b"PK\x03\x04"
_CENTRAL_MAGIC: Final = b"PK\x01\x02"
_END_MAGIC: Final = b"PK\x05\x06"
_DESCRIPTOR_MAGIC: Final = b"PK\x07\x08"
_STORED: Final = 0
_DEFLATED: Final = 8
_ENCRYPTED: Final = 0x0001
_HAS_DESCRIPTOR: Final = 0x0008
_UTF8: Final = 0x0800
_HARMLESS_FLAGS: Final = 0x0006 | _HAS_DESCRIPTOR | _UTF8
"""Bits 1 and 2 tell how hard the compressor tried."""
_ZIP64_COUNT: Final = 0xFFFF
_ZIP64_BYTES: Final = 0xFFFFFFFF
"""What stands where the true number does not fit (APPNOTE.TXT 4.4.1.4)."""
_VERSION: Final = 20
_EPOCH_DATE: Final = 0x0021
"""1 January 1980: no clock enters what is written."""
MAX_COMMENT_BYTES: Final = 64
"""EN 319 162-1 annex A.1 lets the comment hold the media type, and nothing else."""
_MAX_EXTRA_BYTES: Final = 256


@dataclass(frozen=True, slots=True)
class ArchiveLimits:
    """What an archive may cost.

    Attributes:
        max_files: entries.
        max_bytes: sum of all unpacked files.
    """

    max_files: int = 4096
    max_bytes: int = 256 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Entry:
    """One file of an archive.

    Attributes:
        name: as it stands in the archive.
        content: unpacked.
        bare: whether it is stored as it is, with no extra field: what a magic number needs.
    """

    name: str
    content: Content
    bare: bool


@dataclass(frozen=True, slots=True)
class _Listed:
    """A row of the directory."""

    name: bytes
    flags: int
    method: int
    crc: int
    packed: int
    size: int
    offset: int

    @property
    def text(self) -> str:
        try:
            return self.name.decode("utf-8" if self.flags & _UTF8 else "ascii")
        except UnicodeDecodeError:
            raise InvalidFormatError(
                f"archive: expected names in UTF-8 marked as such, got {self.name[:80]!r}"
            ) from None


def write_archive(files: Iterable[tuple[str, Content]]) -> list[Content]:
    """The parts of an archive that holds these files, stored, in this order.

    The same files give the same bytes, on every machine and at any time.

    Args:
        files: names, already checked, and contents.
    """
    parts: list[Content] = []
    directory: list[bytes] = []
    offset = 0
    for name, content in files:
        raw = name.encode()
        flags = 0 if name.isascii() else _UTF8
        crc, size = zlib.crc32(content), len(content)
        shared = (_VERSION, flags, _STORED, 0, _EPOCH_DATE, crc, size, size, len(raw))
        header = _LOCAL.pack(LOCAL_MAGIC, *shared, 0) + raw
        rest = (0, 0, 0, 0, 0, offset)
        directory.append(_CENTRAL.pack(_CENTRAL_MAGIC, _VERSION, *shared, *rest) + raw)
        parts += [header, content]
        offset += len(header) + size
    listing = b"".join(directory)
    count = len(directory)
    end = _END.pack(_END_MAGIC, 0, 0, count, count, len(listing), offset, 0)
    return [*parts, listing, end]


def read_archive(data: Content, limits: ArchiveLimits) -> list[Entry]:
    """The files of an archive, in the order in which they lie.

    Folders, which some programs list as empty entries, are left out.

    Raises:
        TooLargeError: it has more files, or unpacks to more, than the limits allow.
        InvalidFormatError: anything about it could be read in two ways, or is broken.
    """
    view = memoryview(data)
    start, listed = _directory(view, limits)
    position = 0
    entries: list[Entry] = []
    for row in sorted(listed, key=lambda row: row.offset):
        if row.offset != position:
            raise InvalidFormatError(
                f"archive: expected {row.text[:80]!r} at byte {position}, got {row.offset}: "
                "something lies between its files, or they overlap"
            )
        content, position, bare = _content(view[:start], row)
        if row.text.endswith("/"):
            if row.size:
                raise InvalidFormatError(f"archive: the folder {row.text[:80]!r} has content")
            continue
        entries.append(Entry(row.text, content, bare))
    if position != start:
        raise InvalidFormatError(
            f"archive: expected its directory at byte {position}, got {start}: something that no "
            "program shows lies before it"
        )
    return entries


def _directory(view: memoryview, limits: ArchiveLimits) -> tuple[int, list[_Listed]]:
    """Where the directory begins, and its rows."""
    end = _find_end(view)
    _, disk, first_disk, here, count, size, start, _ = _END.unpack_from(view, end)
    if disk or first_disk or here != count:
        raise InvalidFormatError("archive: expected one file, got a part of several")
    if count == _ZIP64_COUNT or _ZIP64_BYTES in {size, start}:
        raise InvalidFormatError("archive: expected a plain ZIP file, got ZIP64")
    if count > limits.max_files:
        raise TooLargeError(f"archive: expected at most {limits.max_files} files, got {count}")
    if start + size != end:
        raise InvalidFormatError(
            f"archive: its directory ends at byte {start + size}, expected {end}: it was cut, or "
            "something was put before it or behind it"
        )
    rows = list(_rows(view[start:end], count))
    total = sum(row.size for row in rows)
    if total > limits.max_bytes:
        raise TooLargeError(
            f"archive: expected files of at most {limits.max_bytes} bytes in all, got {total}"
        )
    return start, rows


def _find_end(view: memoryview) -> int:
    """Where the end record stands: the last thing in the file but for a short comment."""
    for comment in range(min(MAX_COMMENT_BYTES, len(view) - _END.size) + 1):
        at = len(view) - _END.size - comment
        if bytes(view[at : at + 4]) == _END_MAGIC and _END.unpack_from(view, at)[-1] == comment:
            text = bytes(view[at + _END.size :])
            if text and not text.startswith(b"mimetype="):
                raise InvalidFormatError(f"archive: expected no comment, got {text!r}")
            return at
    raise InvalidFormatError(
        "archive: expected a ZIP file that ends with its directory; it is cut off, or something "
        "follows it"
    )


def _rows(listing: memoryview, count: int) -> Iterator[_Listed]:
    position = 0
    for _ in range(count):
        if position + _CENTRAL.size > len(listing):
            raise InvalidFormatError("archive: its directory is cut off")
        (
            magic, _, _, flags, method, _, _, crc, packed, size,
            name, extra, comment, disk, _, _, offset,
        ) = _CENTRAL.unpack_from(listing, position)  # fmt: skip
        if magic != _CENTRAL_MAGIC or disk or comment or extra > _MAX_EXTRA_BYTES:
            raise InvalidFormatError("archive: its directory is broken, or holds comments")
        position += _CENTRAL.size
        raw = bytes(listing[position : position + name])
        position += name + extra
        if position > len(listing):
            raise InvalidFormatError("archive: its directory is cut off")
        row = _Listed(raw, flags, method, crc, packed, size, offset)
        _check_row(row)
        yield row
    if position != len(listing):
        raise InvalidFormatError("archive: its directory holds more than its files")


def _check_row(row: _Listed) -> None:
    shown = row.text[:80]
    if row.flags & _ENCRYPTED:
        raise InvalidFormatError(f"archive: {shown!r} is encrypted: expected it without password")
    if row.flags & ~_HARMLESS_FLAGS or row.method not in {_STORED, _DEFLATED}:
        raise InvalidFormatError(
            f"archive: expected {shown!r} stored or deflated, got method {row.method} and flags "
            f"{row.flags:#06x}"
        )
    if _ZIP64_BYTES in {row.packed, row.size, row.offset}:
        raise InvalidFormatError("archive: expected a plain ZIP file, got ZIP64")
    if row.method == _STORED and row.packed != row.size:
        raise InvalidFormatError(f"archive: {shown!r} is stored, but with two sizes")


def _content(view: memoryview, row: _Listed) -> tuple[Content, int, bool]:
    """A file's content, where it ends, and whether it is stored bare."""
    shown = row.text[:80]
    if row.offset + _LOCAL.size > len(view):
        raise InvalidFormatError(f"archive: {shown!r} is cut off")
    (
        magic, _, flags, method, _, _, crc, packed, size, name, extra,
    ) = _LOCAL.unpack_from(view, row.offset)  # fmt: skip
    start = row.offset + _LOCAL.size
    raw = bytes(view[start : start + name])
    told = (flags, method, raw)
    late = bool(row.flags & _HAS_DESCRIPTOR)
    sizes = (crc, packed, size)
    expected = (row.crc, row.packed, row.size)
    if (
        magic != LOCAL_MAGIC
        or told != (row.flags, row.method, row.name)
        or (sizes != expected and not (late and sizes == (0, 0, 0)))
        or extra > _MAX_EXTRA_BYTES
    ):
        raise InvalidFormatError(
            f"archive: the header before {shown!r} says something else than the directory"
        )
    start += name + extra
    end = start + row.packed
    if end > len(view):
        raise InvalidFormatError(f"archive: {shown!r} is cut off")
    content = _unpacked(view[start:end], row)
    if zlib.crc32(content) != row.crc:
        raise InvalidFormatError(f"archive: {shown!r} is damaged: its checksum is wrong")
    bare = row.method == _STORED and not extra and not late
    return content, end + (_descriptor(view, end, row) if late else 0), bare


def _unpacked(packed: memoryview, row: _Listed) -> Content:
    if row.method == _STORED:
        return packed
    unpacker = zlib.decompressobj(-zlib.MAX_WBITS)
    try:
        content = unpacker.decompress(packed, row.size + 1)
    except zlib.error as error:
        raise InvalidFormatError(f"archive: {row.text[:80]!r} is damaged ({error})") from None
    if len(content) != row.size or not unpacker.eof or unpacker.unused_data:
        raise InvalidFormatError(
            f"archive: expected {row.text[:80]!r} to unpack to {row.size} bytes, got "
            f"{'more' if len(content) > row.size else len(content)}"
        )
    return content


def _descriptor(view: memoryview, end: int, row: _Listed) -> int:
    """Length of the record behind a file whose header came before its size was known."""
    record = _DESCRIPTOR.pack(row.crc, row.packed, row.size)
    for candidate in (_DESCRIPTOR_MAGIC + record, record):
        if bytes(view[end : end + len(candidate)]) == candidate:
            return len(candidate)
    raise InvalidFormatError(
        f"archive: what follows {row.text[:80]!r} says something else than the directory"
    )
