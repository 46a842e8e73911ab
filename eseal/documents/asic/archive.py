"""ZIP archives in one form: how a container is written, and the only way one is read.

Programs disagree about archives that leave room for it: of two entries with one name some take the
first and some the last, some believe the directory and some the headers before the files, some
follow a second name in an extra field, a link or a device in the attributes. Whoever plays on that
shows one person another file than the next. So there is one form (APPNOTE.TXT 6.3.9):

- entries follow each other from the first byte on, stored, with sizes and checksum before them;
- no extra fields, comments, data descriptors, encryption or ZIP64; every entry is a plain file of
  mode 644 of 1 January 1980, made by version 2.0 under Unix (of names made under DOS Info-ZIP's
  unzip believes that they are not in UTF-8, whatever the flag says); bit 11 is set where a name is
  not ASCII, and no other bit;
- the directory lists the same entries in the same order, and ends the file.

Reading walks over the headers before the files, writes the archive again from the names and
contents found, and compares: what differs by a single byte is not in this form.
"""

from __future__ import annotations

import struct
import zlib
from typing import TYPE_CHECKING, Final

from eseal.errors import InvalidFormatError, TooLargeError
from eseal.excerpts import EXCERPT_CHARS, excerpt

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

Content = bytes | memoryview
"""A file's bytes; what is stored as it is, is not copied."""
Entry = tuple[str, Content]
"""A name, and what is stored under it."""

_LOCAL: Final = struct.Struct("<4sHHHHHIIIHH")
_CENTRAL: Final = struct.Struct("<4sHHHHHHIIIHHHHHII")
_END: Final = struct.Struct("<4sHHHHIIH")
LOCAL_MAGIC: Final = b"PK\x03\x04"
CENTRAL_MAGIC: Final = b"PK\x01\x02"
END_MAGIC: Final = b"PK\x05\x06"
_VERSION: Final = 20
_MADE_BY: Final = 3 << 8 | _VERSION
"""Unix (APPNOTE.TXT 4.4.2)."""
_PLAIN_FILE: Final = 0o100644 << 16
"""A regular file: no link, no device, nothing to execute."""
_UTF8: Final = 0x0800
_STORED: Final = 0
_EPOCH_DATE: Final = 0x0021
"""1 January 1980: no clock enters what is written."""
_ZIP64_COUNT: Final = 0xFFFF
_ZIP64_BYTES: Final = 0xFFFFFFFF
"""From here on numbers would not fit (APPNOTE.TXT 4.4.1.4)."""


def write_archive(files: Sequence[Entry]) -> list[Content]:
    """The parts of an archive that holds these files, in this order.

    The same files give the same bytes, on every machine and at any time.

    Args:
        files: names, already checked, and contents.

    Returns:
        A header and the content itself for each file, then the directory.

    Raises:
        TooLargeError: more than fits without ZIP64.
    """
    parts: list[Content] = []
    directory: list[bytes] = []
    offset = 0
    for name, content in files:
        raw = name.encode()
        flags = 0 if name.isascii() else _UTF8
        size = len(content)
        _check_fits(offset + _LOCAL.size + len(raw) + size, len(directory) + 1)
        shared = (
            *(_VERSION, flags, _STORED, 0, _EPOCH_DATE),
            *(zlib.crc32(content), size, size, len(raw)),
        )
        directory.append(
            _CENTRAL.pack(CENTRAL_MAGIC, _MADE_BY, *shared, 0, 0, 0, 0, _PLAIN_FILE, offset) + raw
        )
        header = _LOCAL.pack(LOCAL_MAGIC, *shared, 0) + raw
        parts += [header, content]
        offset += len(header) + size
    listing = b"".join(directory)
    _check_fits(offset + len(listing), len(directory))
    count = len(directory)
    end = _END.pack(END_MAGIC, 0, 0, count, count, len(listing), offset, 0)
    return [*parts, listing + end]


def _check_fits(length: int, count: int) -> None:
    if length >= _ZIP64_BYTES or count >= _ZIP64_COUNT:
        raise TooLargeError(
            f"archive: expected fewer than {_ZIP64_COUNT} files and {_ZIP64_BYTES} bytes in all, "
            f"got {count} and {length}"
        )


def read_archive(data: Content, max_files: int) -> list[Entry]:
    """The files of an archive in this form, in their order; contents are slices of ``data``.

    Names are as they stand there; whether they are good names is for others to say.

    Raises:
        TooLargeError: it has more files than ``max_files``.
        InvalidFormatError: it is not in the form in which :func:`write_archive` writes.
    """
    view = memoryview(data)
    files = list(_walk(view, max_files))
    *parts, directory = write_archive(files)
    position = 0
    for index, part in enumerate(parts):
        # Every second part is a slice of this very data: its header's length has put it there.
        if index % 2 == 0 and view[position : position + len(part)] != part:
            name = files[index // 2][0]
            raise InvalidFormatError(
                f"archive: expected a plain header before {excerpt(name)} at byte "
                f"{position}, got one that says more, or something else"
            )
        position += len(part)
    if view[position:] != directory:
        raise InvalidFormatError(
            f"archive: expected a plain directory of these {len(files)} files from byte {position} "
            "to the end, got something else"
        )
    return files


def _walk(view: memoryview, max_files: int) -> Iterator[Entry]:
    """Entries as the headers before them tell: their lengths are believed, and nothing else."""
    position = count = 0
    while bytes(view[position : position + len(LOCAL_MAGIC)]) == LOCAL_MAGIC:
        count += 1
        if count > max_files:
            raise TooLargeError(f"archive: expected at most {max_files} files, got more")
        start = position + _LOCAL.size
        if start > len(view):
            raise InvalidFormatError("archive: expected a whole file, got one that is cut off")
        _, _, _, method, *_, size, length, _ = _LOCAL.unpack_from(view, position)
        name = bytes(view[start : start + length])
        shown = repr(name[:EXCERPT_CHARS].decode("utf-8", "replace"))
        if method != _STORED:
            raise InvalidFormatError(
                f"archive: expected {shown} stored as it is, got it compressed: another program "
                "packed it"
            )
        position = start + length + size
        if position > len(view):
            raise InvalidFormatError(
                f"archive: expected {size} bytes of {shown}, got fewer: it is cut off"
            )
        try:
            text = name.decode("utf-8")
        except UnicodeDecodeError:
            raise InvalidFormatError(
                f"archive: expected names in UTF-8, got {excerpt(name)}"
            ) from None
        yield text, view[start + length : position]
