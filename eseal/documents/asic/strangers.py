"""Containers in another form than ours: what other programs would find in them.

Nothing read here is ever a reason to call a seal genuine, only to say what is wrong: which files
differ from what a seal covers. It parses what strangers made of a container, with Python's
``zipfile`` and ``zlib``, so it belongs into a confined process: bytes in, plain values out.
"""

from __future__ import annotations

import hashlib
import io
import re
import struct
import zipfile
import zlib
from dataclasses import asdict
from typing import Any, Final

from eseal.documents.asic.archive import CENTRAL_MAGIC, END_MAGIC
from eseal.documents.asic.container import MAX_FILES, MAX_SEALS, CoveredFiles, is_container
from eseal.documents.asic.manifest import Manifest
from eseal.errors import InvalidFormatError, InvalidInputError, TooLargeError
from eseal.excerpts import excerpt

_MANIFEST: Final = re.compile(r"META-INF/ASiCManifest[^/]{0,64}\.xml")
_MARKS: Final = (b"META-INF/", b".p7s")
"""Names stand uncompressed in every archive."""
_TAIL_BYTES: Final = 65_557
"""Where an end record may begin: before the longest comment there can be."""
_MAX_ENTRIES: Final = MAX_FILES + 4 * MAX_SEALS
MAX_UNPACKED_BYTES: Final = 256 * 1024 * 1024
_NAME_LENGTHS: Final = struct.Struct("<26xHH")
"""Of the header before a file: how long its name and its extra field are."""
_ENCRYPTED: Final = 0x1


def may_be_container(data: bytes) -> bool:
    """Whether this is a container, or an archive that seems to hold signatures as one does."""
    if is_container(data):
        return True
    archive = data[:2] == b"PK" or END_MAGIC in data[-_TAIL_BYTES:]
    return archive and all(mark in data for mark in _MARKS)


def survey(data: bytes) -> list[dict[str, Any]]:
    """The seals in a container of another form, by our own manifests, as far as they can be read.

    Returns:
        For each seal its ``name``, ``cms`` (DER in hex), ``digest`` (SHA-256 of its manifest in
        hex) and ``files`` (the members of :class:`CoveredFiles` that hold names).

    Raises:
        InvalidFormatError: it is no archive, or one that programs read differently.
        TooLargeError: it holds more than is read.
    """
    if data.count(CENTRAL_MAGIC) > _MAX_ENTRIES:
        raise TooLargeError(f"archive: expected at most {_MAX_ENTRIES} files, got more")
    try:
        contents = _contents(data)
    except InvalidInputError:
        raise
    except Exception as error:  # noqa: BLE001  # zipfile and zlib raise more than they document
        raise InvalidFormatError(f"archive: expected a ZIP file, got another ({error})") from None
    digests = {
        name: hashlib.sha256(content).digest()
        for name, content in contents.items()
        if name != "mimetype" and not name.startswith("META-INF/")
    }
    manifests = [name for name in sorted(contents) if _MANIFEST.fullmatch(name)][:MAX_SEALS]
    found = []
    for name in manifests:
        seal = _seal(contents[name], contents, digests)
        if seal is not None:
            found.append(seal)
    return found


def _seal(
    manifest: bytes, contents: dict[str, bytes], digests: dict[str, bytes]
) -> dict[str, Any] | None:
    """One seal; ``None`` if its manifest is not ours, or there is no signature of that name."""
    try:
        covers = Manifest.parse(manifest)
    except InvalidFormatError:
        return None
    cms = contents.get(covers.signature)
    if cms is None:
        return None
    found = asdict(CoveredFiles.of(covers, digests))
    return {
        "name": covers.signature,
        "cms": cms.hex(),
        "digest": hashlib.sha256(manifest).hexdigest(),
        "files": {name: names for name, names in found.items() if names},
    }


def _contents(data: bytes) -> dict[str, bytes]:
    found: dict[str, bytes] = {}
    left = MAX_UNPACKED_BYTES
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        for info in archive.infolist():
            if info.is_dir():
                continue
            if info.filename in found:
                raise InvalidFormatError(f"archive: expected {excerpt(info.filename)} once")
            content = _unpacked(data, info, left)
            left -= len(content)
            found[info.filename] = content
    return found


def _unpacked(data: bytes, info: zipfile.ZipInfo, limit: int) -> bytes:
    """A file's content; its checksum is left to the digests, which cannot be made to fit."""
    name, extra = _NAME_LENGTHS.unpack_from(data, info.header_offset)
    start = info.header_offset + _NAME_LENGTHS.size + name + extra
    packed = data[start : start + info.compress_size]
    if info.flag_bits & _ENCRYPTED or info.compress_type not in {
        zipfile.ZIP_STORED,
        zipfile.ZIP_DEFLATED,
    }:
        raise InvalidFormatError(f"archive: expected {excerpt(info.filename)} stored or deflated")
    if info.compress_type == zipfile.ZIP_DEFLATED:
        packed = zlib.decompressobj(-zlib.MAX_WBITS).decompress(packed, limit + 1)
    if len(packed) > limit:
        raise TooLargeError(f"archive: expected at most {MAX_UNPACKED_BYTES} bytes in all")
    return packed
