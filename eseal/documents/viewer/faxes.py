"""Faxes (ITU-T T.4 and T.6) as PDFium reads them, and the one way in which we pack them."""

from __future__ import annotations

import struct
from io import BytesIO
from typing import TYPE_CHECKING, Any, Final

import pikepdf
from pikepdf import Dictionary, Name

from eseal.documents.viewer.opened import opened, page_of
from eseal.errors import UnsupportedDocumentError

if TYPE_CHECKING:
    from PIL import Image

_STRIP, _SIZE, _ROWS = 273, 279, 278
"""Tags of TIFF: where data stand, how many they are, and how many rows belong together."""
_ENTRY: Final = 12
"""Bytes of a tag (TIFF 6.0 section 2)."""


def packed_anew(data: bytes, size: tuple[int, int], parameters: dict[str, Any]) -> bytes:
    """The picture that PDFium reads from a fax, packed by T.6 with its end mark.

    Args:
        data: as they stand in the stream.
        size: columns and rows.
        parameters: how they are packed (ISO 32000-1 table 11).

    Raises:
        UnsupportedDocumentError: PDFium cannot read them.
    """
    shown = _shown(data, size, parameters)
    out = BytesIO()
    shown.save(out, "TIFF", compression="group4", tiffinfo={_ROWS: size[1]})
    return _strip(out.getvalue())


def _shown(data: bytes, size: tuple[int, int], parameters: dict[str, Any]) -> Image.Image:
    """A picture in which paper is 0, which T.6 calls white."""
    import pypdfium2
    from PIL import Image, ImageChops

    with (
        opened(_document(data, size, parameters)) as document,
        page_of(document, 0) as page,
    ):
        try:
            bitmap = next(page.get_objects()).get_bitmap(render=False)
            picture = bitmap.to_pil().convert("L")
        except (pypdfium2.PdfiumError, StopIteration):
            raise UnsupportedDocumentError("a fax cannot be shown", field="document") from None
    if picture.size != size:
        raise UnsupportedDocumentError("a fax has another size than it says", field="document")
    return ImageChops.invert(picture).convert("1", dither=Image.Dither.NONE)


def _document(data: bytes, size: tuple[int, int], parameters: dict[str, Any]) -> bytes:
    """A document of one page that draws a fax."""
    pdf = pikepdf.new()
    pdf.add_blank_page(page_size=(9, 9))
    page = pdf.pages[0].obj
    image = pdf.make_stream(
        data,
        Type=Name.XObject,
        Subtype=Name.Image,
        Width=size[0],
        Height=size[1],
        BitsPerComponent=1,
        ColorSpace=Name.DeviceGray,
        Filter=Name.CCITTFaxDecode,
        DecodeParms=Dictionary(parameters),
    )
    page.Resources = Dictionary(XObject=Dictionary(X=image))
    page.Contents = pdf.make_stream(b"/X Do")
    out = BytesIO()
    pdf.save(out, compress_streams=False)
    return out.getvalue()


def _strip(tiff: bytes) -> bytes:
    """The data of a TIFF of one strip, in the order of bytes of Intel."""
    (directory,) = struct.unpack_from("<I", tiff, 4)
    (count,) = struct.unpack_from("<H", tiff, directory)
    entries = (
        struct.unpack_from("<HHII", tiff, directory + 2 + _ENTRY * index) for index in range(count)
    )
    values = {tag: value for tag, _, _, value in entries}
    return tiff[values[_STRIP] : values[_STRIP] + values[_SIZE]]
