"""pyHanko's reader for a PDF that comes from a stranger."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from functools import cached_property
from io import BytesIO
from itertools import pairwise
from typing import Any, Final, NamedTuple

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.decode_limits import DecodeContext, DecodeLimits, DecodePurpose
from pyhanko.pdf_utils.misc import PdfReadError
from pyhanko.pdf_utils.reader import PdfFileReader, _read_header_version, process_data_at_eof
from pyhanko.pdf_utils.xref import ObjStreamRef, XRefCache, XRefSection

from eseal.documents.pdf.tables import Tables
from eseal.documents.pdf.values import read_object, read_value

_MAX_XREF_GROWTH: Final = 8
_MIN_XREF_BYTES: Final = 64 * 1024
_MAX_XREF_BYTES: Final = 8 * 1024 * 1024
"""A cross-reference stream has 5 to 12 bytes for each object, so this is for a million objects."""
_LINE_END: Final = re.compile(rb"[\r\n]")


class Packed(NamedTuple):
    """An object stream (ISO 32000-1 section 7.5.7) taken apart.

    Attributes:
        data: what it holds, decoded.
        numbers: those of its objects, in the order of its header.
        starts: where each object starts in the data.
        ends: where it ends: at the next start after it, or the end of the data.
    """

    data: bytes
    numbers: list[int]
    starts: list[int]
    ends: list[int]


class _XrefBoundedContext(DecodeContext):
    """Also bounds the entries a cross-reference stream declares.

    With field widths of zero (ISO 32000-1 table 17) a stream without any data declares as many
    entries as it likes, and pyHanko keeps every one of them.
    """

    def stream_output_cap(
        self,
        encoded_size: int,
        purpose: DecodePurpose = DecodePurpose.GENERIC,
        expected_size: int | None = None,
    ) -> int | None:
        """As the base class says; refuses a table that cannot be true.

        Raises:
            PdfReadError: the declared size is out of proportion to the file.
        """
        if purpose is DecodePurpose.XREF_STREAM:
            room = max(_MIN_XREF_BYTES, _MAX_XREF_GROWTH * (self.input_size or 0))
            if expected_size is None or expected_size > min(room, _MAX_XREF_BYTES):
                raise PdfReadError("its cross-reference stream declares too many objects")
        return super().stream_output_cap(encoded_size, purpose, expected_size)


class BoundedReader(PdfFileReader):
    """pyHanko's reader in strict mode, with our limits, faster where a file is as it should be.

    Args:
        pdf: the file.
        limits: what its streams may cost.

    Attributes:
        header_version: the version of PDF the file's first line names.

    Raises:
        Exception: whatever pyHanko throws on a broken file.
    """

    def __init__(self, pdf: bytes, limits: DecodeLimits) -> None:
        # As the base class does it, which has no place to name another reader of tables; a test
        # holds the attributes against its.
        self._bounded = self._decode_context = _XrefBoundedContext(limits, input_size=len(pdf))
        self._security_handler = None
        self.strict = True
        self.resolved_objects = {}
        self._input_version = None
        self._historical_resolver_cache = {}
        self._embedded_signatures = None
        self._data = pdf
        self._packed: dict[int, Packed | None] = {}
        self.stream = BytesIO(pdf)
        self._header_version = self.header_version = _read_header_version(self.stream)
        self.stream.seek(-1, os.SEEK_END)
        self.last_startxref = process_data_at_eof(self.stream)
        tables = Tables(self, self.stream, strict=True, last_startxref=self.last_startxref)
        self.xrefs = XRefCache(self, tables.read_xrefs())  # type: ignore[no-untyped-call]
        self.trailer = tables.trailer
        self.has_xref_stream = tables.has_xref_stream

    def _read_object(
        self,
        ref: generic.Reference,
        marker: int | ObjStreamRef | None,
        never_decrypt: bool = False,
        as_metadata_stream: bool = False,
    ) -> Any:
        """As the base class does; plain objects faster."""
        read = None
        if isinstance(marker, int) and not (as_metadata_stream or self.encrypted):
            read = read_object(self._data, marker, ref)
        if read is None:
            read = super()._read_object(ref, marker, never_decrypt, as_metadata_stream)
        return read

    def _get_object_from_stream(self, idnum: int, stmnum: int, idx: int) -> Any:
        """As the base class does; plain objects faster, and none for ever.

        Raises:
            PdfReadError: it is a comment that does not end, in which the base class would read on.
        """
        packed = self.packed(stmnum)
        if packed is not None and packed.numbers[idx : idx + 1] == [idnum]:
            start, data = packed.starts[idx], packed.data
            if data.startswith(b"%", start) and not _LINE_END.search(data, start):
                raise PdfReadError(f"object {idnum} is a comment that does not end")
            read = read_value(data, start, generic.Reference(idnum, 0, self))
            if read is not None and not isinstance(read[0], generic.IndirectObject):
                return read[0]
        return super()._get_object_from_stream(idnum, stmnum, idx)  # type: ignore[no-untyped-call]

    def packed(self, number: int) -> Packed | None:
        """An object stream; ``None`` if it is not as it should be, and pyHanko must look at it."""
        if number not in self._packed:
            self._packed[number] = self._unpack(number)
        return self._packed[number]

    def _unpack(self, number: int) -> Packed | None:
        stream = generic.Reference(number, 0, self).get_object()
        if not isinstance(stream, generic.StreamObject) or stream.get("/Type") != "/ObjStm":
            return None
        count, first = stream.get("/N"), stream.get("/First")
        if not isinstance(count, int) or not isinstance(first, int) or first < 0:
            return None
        data = stream.read_data(DecodePurpose.OBJECT_STREAM)
        words = data[:first].split()[: 2 * count]
        if len(words) != 2 * count or not all(word.isdigit() for word in words):
            return None
        numbers = [int(word) for word in words]
        starts = [first + offset for offset in numbers[1::2]]
        following = dict(pairwise(sorted({*starts, len(data)})))
        return Packed(data, numbers[::2], starts, [following.get(at, at) for at in starts])

    @cached_property
    def sections(self) -> list[XRefSection]:
        """The tables of all revisions; in a hybrid file (section 7.5.8.4) also their streams."""
        found = []
        for revision in range(self.total_revisions):
            table = self.xrefs.get_xref_data(revision)
            found.append(XRefSection(self.xrefs.get_xref_container_info(revision), table))
            if table.hybrid is not None:
                found.append(table.hybrid)
        return found

    @property
    def trailers(self) -> Sequence[generic.DictionaryObject]:
        """The trailer of each revision by itself, the newest first."""
        return self.trailer._trailer_revisions  # noqa: SLF001  pyHanko shows only their sum

    @property
    def decode_context(self) -> DecodeContext:
        """The limits in force while streams are decoded."""
        return self._bounded
