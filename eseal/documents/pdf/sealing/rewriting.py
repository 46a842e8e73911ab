"""From a document as qpdf understands it to the objects of a canonical file.

qpdf writes what can be reached from the catalog: one revision, objects in order, streams as they
are. What it leaves to taste (numbers, strings, abbreviations, data that looks like a file's frame)
is spelt here in the one canonical way.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from io import BytesIO
from typing import Any, Final

import pikepdf

from eseal.documents.pdf.file.objects import Objects
from eseal.documents.pdf.file.values import (
    HEXADECIMAL,
    KEYWORD,
    LITERAL,
    NAME,
    NUMBER,
    REFERENCE,
    TELLTALE,
    Name,
    Ref,
    Stream,
    parse_loosely,
    spell,
)
from eseal.documents.pdf.file.writing import Spelt, is_quiet, packed
from eseal.errors import InvalidFormatError

_HEADER: Final = re.compile(rb"%PDF-([0-9.]+)\n")
_VERSIONS: Final = re.compile(rb"1\.[0-7]|2\.0")
_OTHER_VERSION: Final = b"1.7"
_TOKEN: Final = (
    rb"(?:<<|>>|\[|\]|" + NAME + rb"|" + REFERENCE + rb"|" + NUMBER + rb"|" + LITERAL + rb"|"
    + HEXADECIMAL + rb"|" + KEYWORD + rb")"
)  # fmt: skip
_CANONICAL: Final = re.compile(_TOKEN + rb"(?: " + _TOKEN + rb")*+")
_DOUBTFUL: Final = re.compile(rb"#|(?<=[ -])[0-9]{10}|/[^ ]{126}")
"""What a line of canonical tokens may still hold that needs a closer look."""
_BEGIN: Final = re.compile(rb"([0-9]+) 0 obj\n")
_FIRST_FREE: Final = b"0000000000 65535 f \n"
_FRAME: Final = (b"xref", b"trailer", b"%%EOF", b"%PDF-", b"obj")
_ABBREVIATED: Final = {
    "AHx": "ASCIIHexDecode",
    "A85": "ASCII85Decode",
    "LZW": "LZWDecode",
    "Fl": "FlateDecode",
    "RL": "RunLengthDecode",
    "CCF": "CCITTFaxDecode",
    "DCT": "DCTDecode",
}
"""ISO 32000-1 table 94: for inline images, and read elsewhere by some readers only."""


class Rewritten(Objects):
    """The objects of a document that qpdf has written.

    Attributes:
        version: of the PDF, such as ``1.7``.
        info: number of the information dictionary, or ``None``.
    """

    def __init__(self, data: bytes) -> None:
        """Take qpdf's file apart.

        Args:
            data: what :func:`written_by_qpdf` made.
        """
        header = _HEADER.match(data)
        known = header is not None and _VERSIONS.fullmatch(header[1]) is not None
        self.version = header[1] if header and known else _OTHER_VERSION
        self.data = data
        table_at = int(data[data.rindex(b"startxref\n") + 10 : data.rindex(b"\n%%EOF")])
        entries = data.index(_FIRST_FREE, table_at) + len(_FIRST_FREE)
        trailer_at = data.index(b"trailer <<", table_at)
        lines = data[entries:trailer_at]
        offsets = [int(lines[at : at + 10]) for at in range(0, len(lines), 20)]
        info = re.search(rb"/Info ([0-9]+) 0 R", data[trailer_at:])
        self.info = None if info is None else int(info[1])
        self._spelt = _spelt(data, [*offsets, table_at])
        self._values: dict[int, Any] = {}

    @property
    def size(self) -> int:
        """One more than the highest number of an object."""
        return len(self._spelt) + 1

    def load(self, number: int) -> Any:
        """The value of an object."""
        spelt = self.spelt(number)
        if number not in self._values:
            self._values[number] = parse_loosely(spelt.head)
        value = self._values[number]
        if isinstance(value, dict | list):
            value = value.copy()
        if spelt.data is None:
            return value
        value.pop("Length", None)
        return Stream(value, spelt.data)

    def spelt(self, number: int) -> Spelt:
        """An object as it is to be written.

        Raises:
            InvalidFormatError: there is no such object.
        """
        if not 1 <= number < self.size:
            raise InvalidFormatError(f"expected object {number}")
        return self._spelt[number - 1]


def written_by_qpdf(pdf: pikepdf.Pdf) -> bytes:
    """One revision without object streams, streams with the bytes they have.

    Raises:
        pikepdf.PdfError: qpdf cannot write it.
    """
    for key in set(pdf.trailer.keys()) - {"/Root", "/Info", "/ID", "/Size"}:
        del pdf.trailer[key]
    if "/Info" in pdf.trailer and not pdf.trailer["/Info"].is_indirect:
        pdf.trailer["/Info"] = pdf.make_indirect(pdf.trailer["/Info"])
    out = BytesIO()
    pdf.save(
        out,
        object_stream_mode=pikepdf.ObjectStreamMode.disable,
        stream_decode_level=pikepdf.StreamDecodeLevel.none,
        compress_streams=False,
        recompress_flate=False,
        fix_metadata_version=False,
        deterministic_id=True,
        linearize=False,
        encryption=False,
        preserve_pdfa=True,
    )
    return out.getvalue()


def _spelt(data: bytes, offsets: list[int]) -> list[Spelt]:
    """The objects at these offsets, in canonical spelling; the last offset is their end."""
    quiet = _is_quiet(data, len(offsets) - 1)

    def direct(value: Any) -> Any:
        """A value itself in the place of a reference to it."""
        if not isinstance(value, Ref) or value.number >= len(offsets):
            return value
        line = data.index(b"\n", offsets[value.number - 1]) + 1
        return parse_loosely(data[line : data.index(b"\n", line)])

    found = []
    for at in offsets[:-1]:
        begin = _BEGIN.match(data, at)
        if begin is None:
            raise InvalidFormatError(f"expected an object at offset {at}")
        head_at = begin.end()
        end = data.index(b"\n", head_at)
        head = data[head_at:end]
        if data.startswith(b"stream\n", end + 1):
            start = end + 1 + len(b"stream\n")
            found.append(_stream(head, memoryview(data)[start:], direct, quiet=quiet))
        elif _is_plain(head) and (quiet or not TELLTALE.search(head)):
            found.append(Spelt(head))
        else:
            found.append(Spelt(spell(parse_loosely(head))))
    return found


def _is_quiet(data: bytes, count: int) -> bool:
    """Whether no data of a stream looks like a part of the file's frame: nearly always."""
    return [*map(data.count, _FRAME)] == [2, 1, 1, 1, 2 * count]


def _is_plain(head: bytes) -> bool:
    """Whether a value is written canonically already: most are."""
    return _CANONICAL.fullmatch(head) is not None and not _DOUBTFUL.search(head)


def _stream(head: bytes, data: memoryview, direct: Callable[[Any], Any], *, quiet: bool) -> Spelt:
    """A stream whose filters every reader finds, and whose data no reader takes for a frame.

    Args:
        head: its dictionary, as qpdf spells it.
        data: its bytes, and what follows them.
        direct: follows a reference.
        quiet: whether no data in the file look like a frame.
    """
    entries = parse_loosely(head)
    data = data[: entries.pop("Length")]
    entries.pop("DL", None)  # a hint of how long the data will be, which nothing depends on
    if "Type" in entries:
        entries["Type"] = direct(entries["Type"])
    filters = [*map(direct, _listed(direct(entries.pop("Filter", None))))]
    parameters = [*map(direct, _listed(direct(entries.pop("DecodeParms", None))))]
    filters = [Name(_ABBREVIATED.get(each, each)) for each in filters]
    parameters = [each or None for each in parameters[: len(filters)]]
    if filters:
        entries["Filter"] = filters[0] if len(filters) == 1 else filters
        if any(parameters):
            entries["DecodeParms"] = parameters[0] if len(filters) == 1 else parameters
    if not quiet and not is_quiet(data):
        stream = packed(entries, bytes(data))
        entries, data = stream.entries, memoryview(stream.data)
        entries["Filter"] = [entries["Filter"], *filters]
        if any(parameters):
            entries["DecodeParms"] = [None, *parameters]
    return Spelt(spell({**entries, "Length": len(data)}), data)


def _listed(value: Any) -> list[Any]:
    if value is None:
        return []
    return value if isinstance(value, list) else [value]
