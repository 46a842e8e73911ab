"""Faxes (ISO 32000-1 section 7.4.6): each is packed as its picture is packed by us.

Readers go on differently where data are broken, are cut, or have fewer rows than the image: one
leaves the rest white, one black, one draws nothing. What a picture packs to is broken nowhere. Most
programs pack by T.6 to the same bytes as we do, and these stay; others are packed anew, as PDFium
reads them.
"""

from __future__ import annotations

import base64
from collections.abc import Sequence
from typing import Any, Final

from pikepdf import Array, Dictionary, Name, Object

from eseal.documents.pdf.examination.hazards import HazardCode
from eseal.documents.pdf.language.inline import InlineImage, inline_image
from eseal.documents.pdf.meaning.desk.desk import Desk
from eseal.documents.pdf.meaning.desk.values import array, dictionary, whole
from eseal.documents.viewer.faxes import packed_anew
from eseal.errors import TooLargeError, UnsupportedDocumentError

MAX_PIXELS: Final = 3 << 30
"""Of all faxes: 370 pages of A4 at 300 dots per inch, in ten seconds."""
_MAX_AT_ONCE: Final = 1 << 28
"""Nearly a page of A1 at 600 dots per inch. Each pixel takes some bytes while it is read."""
_COLUMNS: Final = 1728
"""What a fax has if nothing is said (table 11)."""
_NUMBERS: Final = ("/K", "/Columns", "/Rows", "/DamagedRowsBeforeError")
_CHOICES: Final = {"/EndOfLine": False, "/EncodedByteAlign": False, "/EndOfBlock": True}
_MARK: Final = 0x001001
"""The end of T.6 data, 24 bits (T.6 section 2.4.1.1)."""
_MARK_BITS: Final = 24
_TAIL: Final = 5
"""Bytes in which it stands, somewhere."""
_BLANK: Final = b"\0\r\n"
_FILTERS: Final = {b"CCF", b"CCITTFaxDecode"}
_PACKING: Final = {b"Filter", b"DecodeParms", b"Length", b"L"}


def odd(parameters: Any, width: int) -> str:
    """What is wrong with the parameters of a fax; empty if nothing is."""
    columns = parameters.get("/Columns", _COLUMNS)
    if columns != width:
        return f"expected {width} columns, got {columns}"
    is_plain = isinstance(parameters.get("/BlackIs1", False), bool)
    return "" if is_plain else "a fax is black or white"


def put_in_order(desk: Desk, image: Any, parameters: Any, what: str) -> None:
    """Pack a fax anew if it is not packed in our way.

    Args:
        desk: where to put down what is done.
        image: a stream whose only filter is that of faxes, and whose columns are its width.
        parameters: of its filter; an empty dictionary if it has none.
        what: how to call it.

    Raises:
        TooLargeError: the document's faxes have too many pixels.
    """
    size = int(image.Width), int(image.Height)
    anew = _anew(desk, image.read_raw_bytes(), size, parameters, what)
    if anew is not None:
        made = Dictionary(_ours(size, parameters))
        image.write(anew, filter=Name.CCITTFaxDecode, decode_parms=made)


def inside(desk: Desk, data: bytes, images: Sequence[InlineImage], what: str) -> bytes | None:
    """Contents whose faxes are packed in our way; ``None`` if they are already.

    Args:
        desk: where to put down what is done.
        data: the contents.
        images: the inline images in them, in order.
        what: how to call them.

    Raises:
        TooLargeError: the document's faxes have too many pixels.
    """
    parts, position = list[bytes](), 0
    for image in images:
        if not _FILTERS.isdisjoint(image.filters[-1:]):
            anew = _inline(desk, data, image, f"an inline image of {what}")
            if anew is not None:
                parts += [data[position : image.start], anew]
                position = image.end
    return b"".join([*parts, data[position:]]) if parts else None


def _inline(desk: Desk, data: bytes, image: InlineImage, what: str) -> bytes | None:
    held = data[image.data : image.data_end]
    if len(image.filters) > 1:
        held = base64.a85decode(held.partition(b"~")[0], ignorechars=b"\0\t\n\f\r ")
    given = Object.parse(image.entries.get(b"DecodeParms", b"<< >>"))
    parameters = dictionary(array(given)[-1] if isinstance(given, Array) and len(given) else given)
    size = int(image.entries[b"Width"]), int(image.entries[b"Height"])
    wrong = odd(parameters, size[0])
    if wrong:
        desk.report(HazardCode.UNCLEAR_IMAGE, f"{what}: {wrong}")
        return None
    packed = _anew(desk, held, size, parameters, what)
    if packed is None and len(image.filters) == 1:
        return None
    kept = [b"/%b %b" % each for each in image.entries.items() if each[0] not in _PACKING]
    ours = Dictionary(_ours(size, parameters)).unparse()
    anew = b"BI %b /Filter /CCITTFaxDecode /DecodeParms %b ID %b\nEI\n" % (
        b" ".join(kept),
        b" ".join(ours.split()),
        held if packed is None else packed,
    )
    found = inline_image(anew, 0)
    if found is None or found.end != len(anew):
        desk.report(HazardCode.UNCLEAR_IMAGE, f"{what}: its data hold what ends them")
        return None
    return anew


def _anew(
    desk: Desk, data: bytes, size: tuple[int, int], parameters: Any, what: str
) -> bytes | None:
    """The data packed in our way; ``None`` if they are, or cannot be shown, which is put down."""
    desk.faxed += size[0] * size[1]
    if desk.faxed > MAX_PIXELS or size[0] * size[1] > _MAX_AT_ONCE:
        raise TooLargeError(
            f"the PDF's faxes are too large: expected at most {_MAX_AT_ONCE} pixels in one, and "
            f"{MAX_PIXELS} in all",
            field="document",
        )
    said = _said(parameters)
    try:
        anew = packed_anew(data, size, said)
    except UnsupportedDocumentError:
        desk.report(HazardCode.UNCLEAR_IMAGE, f"{what}: its data are broken")
        return None
    ours = _ours(size, parameters) | _CHOICES
    if data.rstrip(_BLANK) == anew.rstrip(_BLANK) and ours == ours | said:
        return None
    if not _ends(data) or said.get("/K", 0) >= 0:
        desk.settle(HazardCode.UNCLEAR_IMAGE, f"{what}: a fax without an end, or row by row")
    desk.touch()
    return anew


def _ours(size: tuple[int, int], parameters: Any) -> dict[str, Any]:
    """How we pack; which colour is which stays."""
    black = {"/BlackIs1": True} if parameters.get("/BlackIs1") is True else {}
    return {"/K": -1, "/Columns": size[0], "/Rows": size[1]} | black


def _said(parameters: Any) -> dict[str, Any]:
    """How data are packed, in plain values."""
    numbers = {key: whole(parameters.get(key)) for key in _NUMBERS}
    choices = {key: parameters.get(key) for key in _CHOICES}
    return {key: value for key, value in numbers.items() if value is not None} | {
        key: value for key, value in choices.items() if isinstance(value, bool)
    }


def _ends(data: bytes) -> bool:
    """Whether T.6 data have their end mark."""
    bits = int.from_bytes(data.rstrip(_BLANK)[-_TAIL:] + b"\0\0", "big")
    mask = (1 << _MARK_BITS) - 1
    return any(bits >> shift & mask == _MARK for shift in range(8 * (_TAIL + 2) - _MARK_BITS))
