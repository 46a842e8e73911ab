"""Unpacking what we have packed, with a limit."""

from __future__ import annotations

import zlib

from eseal.errors import InvalidFormatError


def unpack(data: bytes, packing: str | None, most: int) -> bytes:
    """The data behind a filter of ours (ISO 32000-1 section 7.4).

    Args:
        data: as it stands in the file.
        packing: ``FlateDecode``, ``ASCIIHexDecode``, or ``None``.
        most: bytes that may come out.

    Raises:
        InvalidFormatError: it is damaged, holds more behind its end, or is too large.
    """
    if packing is None:
        return data
    if packing == "ASCIIHexDecode":
        try:
            return bytes.fromhex(data.removesuffix(b">").decode("ascii"))
        except ValueError:
            raise InvalidFormatError("expected hexadecimal digits") from None
    unpacker = zlib.decompressobj()
    try:
        found = unpacker.decompress(data, most)
    except zlib.error:
        raise InvalidFormatError("expected compressed data, got damaged data") from None
    if not unpacker.eof or unpacker.unused_data:
        raise InvalidFormatError(f"expected compressed data of at most {most} bytes")
    return found
