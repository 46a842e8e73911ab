"""How far the glyphs of programs reach, as PDFium measures them."""

from __future__ import annotations

import math
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import TYPE_CHECKING

from pikepdf import Dictionary, Object, Pdf

from eseal.documents.viewer.opened import opened
from eseal.documents.viewer.specimens import by_name, by_number, parts

if TYPE_CHECKING:
    from pypdfium2 import PdfObject, PdfPage


@dataclass(frozen=True)
class Outlines:
    """A program, and glyphs of it.

    Attributes:
        program: TrueType, OpenType, CFF or Type 1.
        numbers: those of its glyphs; of a bare CFF program with CIDs these.
        names: those of its glyphs, if it is of Type 1.
    """

    program: bytes
    numbers: Sequence[int] = ()
    names: Sequence[str] = ()


def farthest(programs: Sequence[Outlines]) -> list[float]:
    """The width or height, whichever is more, that the glyphs of each program cover together.

    Returns:
        For each program a number, in sizes of the font; of one that PDFium cannot open infinity.

    Raises:
        UnsupportedDocumentError: PDFium cannot open them.
    """
    if not programs:
        return []
    with opened(_specimen(programs), len(programs)) as document:
        return [_extent(page) for page in document]


def _extent(page: PdfPage) -> float:
    texts = [*page.get_objects()]
    if not all(_is_shown(text) for text in texts):
        return math.inf
    bounds = [text.get_bounds() for text in texts]
    lefts, lows, rights, highs = zip(*bounds, strict=True)
    return float(max(max(rights) - min(lefts), max(highs) - min(lows)))


def _is_shown(text: PdfObject) -> bool:
    """Whether PDFium draws a text with the program of its font: another one if it is broken."""
    import pypdfium2.raw as pdfium

    font = pdfium.FPDFTextObj_GetFont(text)
    return bool(pdfium.FPDFFont_GetIsEmbedded(font) == 1)


def _specimen(programs: Sequence[Outlines]) -> bytes:
    """A document with a page for each program: all of its glyphs upon one another, of size 1."""
    pdf, out = Pdf.new(), BytesIO()
    for each in programs:
        page = pdf.add_blank_page().obj
        shown = _shown(pdf, each)
        page.Resources = Dictionary(
            Font=Dictionary({f"/F{at}": font for at, (font, _) in enumerate(shown)})
        )
        texts = (
            f"BT /F{at} 1 Tf <{row.hex()}> Tj ET"
            for at, (_, rows) in enumerate(shown)
            for row in rows
        )
        page.Contents = pdf.make_stream("\n".join(texts).encode())
    pdf.save(out, compress_streams=False)
    return out.getvalue()


def _shown(pdf: Pdf, outlines: Outlines) -> list[tuple[Object, list[bytes]]]:
    """Fonts of a program, and rows of codes that show its glyphs.

    PDFium reads no more than some 30,000 bytes of a row.
    """
    if outlines.names:
        return [
            (by_name(pdf, outlines.program, part), [bytes(range(len(part)))])
            for part in parts(outlines.names)
        ]
    rows = [b"".join(struct.pack(">H", each) for each in part) for part in parts(outlines.numbers)]
    return [(by_number(pdf, outlines.program), rows)]
