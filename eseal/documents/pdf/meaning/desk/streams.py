"""Streams decoded wholly, and those that readers decode differently packed anew.

ISO 32000-1 section 7.4. What stays as it is: no filter, one Flate filter that ends as it should,
and one of the filters of images (DCT, JPX, CCITT, JBIG2), each with its parameters.
"""

from __future__ import annotations

import base64
import binascii
import zlib
from typing import Any, Final

from pikepdf import (
    Array,
    DataDecodingError,
    Dictionary,
    Name,
    Pdf,
    PdfError,
    Stream,
    StreamDecodeLevel,
)

from eseal.documents.pdf.meaning.desk.values import DIRECT, Key, array, dictionary, name, whole
from eseal.documents.pdf.opening.limits import PdfLimits
from eseal.errors import InvalidInputError, TooLargeError
from eseal.excerpts import excerpt

_SHORT: Final = {
    "A85": "ASCII85Decode",
    "AHx": "ASCIIHexDecode",
    "CCF": "CCITTFaxDecode",
    "DCT": "DCTDecode",
    "Fl": "FlateDecode",
    "LZW": "LZWDecode",
    "RL": "RunLengthDecode",
}
IMAGE_FILTERS: Final = {"DCTDecode", "JPXDecode", "CCITTFaxDecode", "JBIG2Decode"}
_MAX_FILTERS: Final = 8
_ZLIB_HEADER: Final = 2
MAX_PIXELS: Final = 1 << 30
"""Of large images in all, bytes: seven pages of A4 at 720 dots per inch, in three seconds."""
_PIXELS_AT_ONCE: Final = 1 << 20
_CHUNK: Final = 1 << 12
"""Bytes read at once in broken data; the chunk that holds the damage is read byte by byte."""
_PNG: Final = range(10, 16)
_END_OF_RUNS: Final = 128
_TIFF: Final = 2
_FOREIGN: Final = ("/F", "/FFilter", "/FDecodeParms", "/DP", "/DL")
"""Keys of streams that some readers take for others: what they say must not count."""


class DamagedStreamError(InvalidInputError):
    """A stream cannot be decoded wholly, or not alike by all readers; says why.

    Attributes:
        read: the data that could be read before the damage.
    """

    code = "damaged_stream"

    def __init__(self, message: str, read: bytes = b"") -> None:
        super().__init__(message)
        self.read = read


class Streams:
    """The streams of one document, each decoded once.

    Args:
        pdf: the document, which is changed.
        limits: what it may cost.
    """

    def __init__(self, pdf: Pdf, limits: PdfLimits) -> None:
        self._pdf = pdf
        self._limit = limits.max_stream_bytes
        self._left = limits.max_decoded_bytes
        self._pixels = MAX_PIXELS
        self.seen: set[Key] = set()
        self.warnings: list[str] = []

    def decoded(self, stream: Stream) -> bytes:
        """The data of a stream, up to the filter of an image, and the stream put in order.

        Raises:
            DamagedStreamError: they cannot be had.
            TooLargeError: they are more than the limit.
        """
        key = stream.objgen
        if key != DIRECT:
            self.seen.add(key)
        if _is_foreign(stream):
            _without_foreign(stream)
        filters, parameters = _chain(stream)
        match filters:
            case []:
                return self._counted(stream.read_raw_bytes())
            case [one] if one in IMAGE_FILTERS:
                return self._counted(stream.read_raw_bytes())
            case ["FlateDecode"] if not parameters[0]:
                return self._counted(self._flate(stream))
            case ["FlateDecode"]:
                return self._counted(self._predicted(stream, parameters[0]))
            case _:
                return self._counted(self._unpacked(stream, filters, parameters))

    def measured(self, stream: Stream) -> int | None:
        """How many bytes a large stream of pixels decodes to, without keeping them.

        Returns:
            Their count; ``None`` of a stream that is packed otherwise than once by Flate.

        Raises:
            DamagedStreamError: they cannot be had.
            TooLargeError: they are more than the limit for pixels.
        """
        filters, parameters = ([], []) if _is_foreign(stream) else _chain(stream)
        if filters != ["FlateDecode"]:
            return None
        row = _row(parameters[0])
        if row and whole(parameters[0].get("/Predictor")) == _TIFF:
            row = 0  # no byte more
        self.seen.add(stream.objgen)
        raw, inflater, count = stream.read_raw_bytes(), zlib.decompressobj(), 0
        while not inflater.eof:
            part = _part(inflater, raw)
            if row and max(part[-count % (row + 1) :: row + 1], default=0) > 4:  # noqa: PLR2004
                raise DamagedStreamError("its rows are not what its predictor says")
            count += len(part)
            self._pixels -= len(part)
            if self._pixels < 0:
                raise TooLargeError(
                    f"the PDF's images are too large: expected at most {MAX_PIXELS} bytes",
                    field="document",
                )
            raw = inflater.unconsumed_tail
        if inflater.unused_data:
            raise DamagedStreamError("its data do not end where they should")
        return count if not row else count // (row + 1) * row

    def warned(self) -> int:
        """Collect what qpdf warned of, which it tells once; how much that is by now."""
        self.warnings += map(str, self._pdf.get_warnings())
        return len(self.warnings)

    def pack(self, stream: Stream, data: bytes) -> None:
        """Give a stream other data."""
        for key in _FOREIGN:
            if key in stream:
                del stream[key]
        stream.write(zlib.compress(data), filter=Name.FlateDecode)

    def _counted(self, data: bytes) -> bytes:
        self._left -= len(data)
        if len(data) > self._limit or self._left < 0:
            raise TooLargeError(
                f"the PDF decodes to too much: expected streams of at most {self._limit} bytes",
                field="document",
            )
        return data

    def _flate(self, stream: Stream) -> bytes:
        raw = stream.read_raw_bytes()
        data, used = inflated(raw, self._limit)
        if used != len(raw):
            if used < 0:
                self.pack(stream, data)
            else:
                stream.write(raw[:used], filter=Name.FlateDecode)
        return data

    def _whole(self, raw: bytes) -> tuple[bytes, int]:
        """The same of data that are of no use unless they are whole."""
        try:
            return inflated(raw, self._limit)
        except DamagedStreamError as error:
            raise DamagedStreamError(str(error)) from None

    def _predicted(self, stream: Stream, parameters: Any) -> bytes:
        """Data that are differences (section 7.4.4.4)."""
        row = _row(parameters)
        data, used = self._whole(stream.read_raw_bytes())
        if row == 0:
            if used < 0:
                self.pack(stream, data)
            elif "/DecodeParms" in stream:
                del stream["/DecodeParms"]
            return data
        predictor = whole(parameters.get("/Predictor"))
        if predictor != _TIFF and (len(data) % (row + 1) or max(data[:: row + 1], default=0) > 4):  # noqa: PLR2004
            raise DamagedStreamError("its rows are not what its predictor says")
        if used != len(stream.read_raw_bytes()):
            raise DamagedStreamError("its data do not end where they should")
        return self._read(stream, "predicted")

    def _unpacked(self, stream: Stream, filters: list[str], parameters: list[Any]) -> bytes:
        data = stream.read_raw_bytes()
        left = list(zip(filters, parameters, strict=True))
        while left and left[0][0] not in IMAGE_FILTERS:
            kind, given = left.pop(0)
            data = self._counted(self._once(kind, given, data))
        if len(left) > 1:
            raise DamagedStreamError(f"expected {left[0][0]} as its last filter")
        if not left:
            self.pack(stream, data)
            return data
        kind, given = left[0]
        stream.write(data, filter=Name("/" + kind), decode_parms=given or None)
        return data

    def _once(self, kind: str, parameters: Any, data: bytes) -> bytes:
        match kind:
            case "FlateDecode" if not _row(parameters):
                return self._whole(data)[0]
            case "ASCIIHexDecode":
                return _hexadecimal(data)
            case "ASCII85Decode":
                return _base85(data)
            case "RunLengthDecode":
                _check_runs(data)
                return self._by_qpdf(kind, parameters, data)
            case "LZWDecode" | "FlateDecode":
                return self._by_qpdf(kind, parameters, data)
            case "Crypt" if name(parameters.get("/Name")) in {"", "Identity"}:
                return data
            case _:
                raise DamagedStreamError(
                    f"expected a filter of the standard, got {excerpt(kind, 40)}"
                )

    def _by_qpdf(self, kind: str, parameters: Any, data: bytes) -> bytes:
        single = self._pdf.make_stream(data)
        single.Filter = Name("/" + kind)
        if parameters:
            _row(parameters)
            single.DecodeParms = parameters
        return self._read(single, kind)

    def _read(self, stream: Stream, kind: str) -> bytes:
        """Let qpdf decode a stream."""
        before = self.warned()
        try:
            decoded = stream.read_bytes(StreamDecodeLevel.specialized)
        except (PdfError, DataDecodingError, RuntimeError):
            raise DamagedStreamError(f"its {kind} data are broken") from None
        if self.warned() != before:
            raise DamagedStreamError(f"its {kind} data are broken")
        return decoded


def inflated(raw: bytes, limit: int) -> tuple[bytes, int]:
    """Decode zlib data.

    Returns:
        The data, and how much of ``raw`` they took; -1 if nothing but their checksum is wrong.

    Raises:
        DamagedStreamError: they are broken or cut; has what they say before.
        TooLargeError: they are more than the limit.
    """
    inflater = zlib.decompressobj()
    try:
        data = inflater.decompress(raw, limit)
        used = len(raw) - len(inflater.unused_data)
    except zlib.error:
        inflater = zlib.decompressobj(-zlib.MAX_WBITS)
        try:
            data, used = inflater.decompress(raw[_ZLIB_HEADER:], limit), -1
        except zlib.error as error:
            raise DamagedStreamError(
                f"its data are broken: {error}", _before_damage(raw, limit)
            ) from None
        if not _is_zlib(raw):
            raise DamagedStreamError("its data do not begin as they should") from None
    if inflater.unconsumed_tail:
        raise TooLargeError(
            f"the PDF decodes to too much: expected streams of at most {limit} bytes",
            field="document",
        )
    if not inflater.eof:
        raise DamagedStreamError(f"its data are cut after {len(data)} bytes", data)
    return data, used


def _part(inflater: Any, raw: bytes) -> bytes:
    """Some of the data."""
    try:
        part = bytes(inflater.decompress(raw, _PIXELS_AT_ONCE))
    except zlib.error as error:
        raise DamagedStreamError(f"its data are broken: {error}") from None
    if not part and not inflater.eof:
        raise DamagedStreamError("its data are cut")
    return part


def _before_damage(raw: bytes, limit: int) -> bytes:
    """What zlib data say up to where they are broken."""
    inflater, read, size = zlib.decompressobj(), bytearray(), _CHUNK
    position = 0
    while position < len(raw) and len(read) < limit:
        before = inflater.copy()
        try:
            read += inflater.decompress(raw[position : position + size], limit)
            position += size
        except zlib.error:
            if size == 1:
                break
            inflater, size = before, 1
    return bytes(read[:limit])


def last_filter(stream: Any) -> str:
    """The last filter of a stream in order; empty if it has none."""
    value = stream.get("/Filter")
    items = array(value) if isinstance(value, Array) else [value]
    return name(items[-1]) if items else ""


def _is_zlib(raw: bytes) -> bool:
    """Whether the header is one (RFC 1950 section 2.2)."""
    return len(raw) > 1 and raw[0] & 0x0F == 8 and (raw[0] << 8 | raw[1]) % 31 == 0  # noqa: PLR2004


def _chain(stream: Stream) -> tuple[list[str], list[Any]]:
    """The filters of a stream with their parameters; written in full if they were not."""
    value, given = stream.get("/Filter"), stream.get("/DecodeParms")
    if value is None:
        if given is not None:
            del stream["/DecodeParms"]
        return [], []
    items = array(value) if isinstance(value, Array) else [value]
    filters = [_SHORT.get(name(item), name(item)) for item in items]
    several = array(given) if isinstance(given, Array) else [given]
    parameters = [dictionary(item) for item in several[: len(items)]]
    parameters += [Dictionary()] * (len(items) - len(parameters))
    if not all(filters) or len(filters) > _MAX_FILTERS:
        raise DamagedStreamError("its filters are not named as the standard asks")
    if filters != [name(item) for item in items]:
        stream.Filter = Array([Name("/" + one) for one in filters])
    return filters, parameters


def _row(parameters: Any) -> int:
    """Bytes of a row that a predictor works on; 0 without predictor (table 8)."""
    predictor = whole(parameters.get("/Predictor", 1))
    sizes = [
        whole(parameters.get(key, default))
        for key, default in (("/Colors", 1), ("/BitsPerComponent", 8), ("/Columns", 1))
    ]
    if predictor == 1:
        return 0
    if predictor not in {_TIFF, *_PNG} or any(not size or size < 0 for size in sizes):
        raise DamagedStreamError(f"expected a predictor of the standard, got {predictor}")
    colours, depth, columns = (size or 0 for size in sizes)
    return (colours * depth * columns + 7) // 8


def _is_foreign(stream: Stream) -> bool:
    return any(key in stream for key in _FOREIGN)


def _without_foreign(stream: Stream) -> None:
    """Take away keys that count for one reader only; what they could do is refused.

    Raises:
        DamagedStreamError: some reader would decode by them.
    """
    for key in _FOREIGN:
        if key not in stream:
            continue
        if key != "/DL" and not (key == "/F" and name(stream.get("/Type")) == "EmbeddedFile"):
            raise DamagedStreamError(f"{key} is no key of a stream inside the file")
        del stream[key]


def _check_runs(data: bytes) -> None:
    """Whether the last run is whole (section 7.4.5); the end mark may be missing."""
    position = 0
    while position < len(data) and data[position] != _END_OF_RUNS:
        position += data[position] + 2 if data[position] < _END_OF_RUNS else 2
    if position > len(data):
        raise DamagedStreamError("its RunLengthDecode data are cut")


def _hexadecimal(data: bytes) -> bytes:
    digits = b"".join(data.partition(b">")[0].translate(None, b"\0").split())
    try:
        return binascii.unhexlify(digits + b"0" * (len(digits) % 2))
    except binascii.Error:
        raise DamagedStreamError("its hexadecimal data hold something else") from None


def _base85(data: bytes) -> bytes:
    digits = data.partition(b"~")[0].strip().removeprefix(b"<~")
    try:
        return base64.a85decode(digits, ignorechars=b"\0\t\n\f\r ")
    except ValueError:
        raise DamagedStreamError("its ASCII85 data hold something else") from None
