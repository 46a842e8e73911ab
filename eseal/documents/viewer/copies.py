"""What flattening takes PDFium for: drawing in, comparing, and pictures of pages."""

from __future__ import annotations

import ctypes
from collections.abc import Iterable, Mapping, Sequence
from io import BytesIO
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from eseal.documents.viewer.opened import Box, opened
from eseal.errors import UnsupportedDocumentError

if TYPE_CHECKING:
    from PIL import Image
    from pypdfium2 import PdfDocument, PdfPage

_COMPARED_AT: Final = 1.5
"""Pixels in a point: at 108 dots per inch a comma has several."""
_PICTURE_AT: Final = 200 / 72
"""Pixels in a point of a page that becomes a picture: as a good scan."""
_MAX_PIXELS: Final = 24_000_000
"""An A3 page as a picture has 8 million."""
_STRICTLY: Final = (16, 16, 0)
"""Levels of 255 by which a pixel may differ in lightness, in one colour, and how many may more.

Where nothing is drawn in another way none do: a decimal point has three, a minus sign nine.
"""
_LOOSELY: Final = (48, 96, 20)
"""The same where edges are smoothed otherwise, and fields are tinted: less than a letter."""


def draw_in(pdf: bytes) -> bytes:
    """A copy with annotations and fields drawn into the pages.

    Raises:
        UnsupportedDocumentError: PDFium cannot do it.
    """
    from pypdfium2 import raw

    with opened(pdf) as source:
        for index in range(len(source)):
            page = source[index]
            # The binding's own word for it refuses documents without a form.
            if raw.FPDFPage_Flatten(page, raw.FLAT_NORMALDISPLAY) == raw.FLATTEN_FAIL:
                raise UnsupportedDocumentError(
                    f"page {index + 1} cannot be flattened", field="document"
                )
            page.close()
        return _saved(source)


def count_pages(pdf: bytes) -> int:
    """How many pages PDFium shows.

    Raises:
        UnsupportedDocumentError: it cannot show the file.
    """
    with opened(pdf) as document:
        return len(document)


def unlike(
    original: bytes,
    copy: bytes,
    *,
    pages: int,
    only: Iterable[int] | None = None,
    but: Mapping[int, Sequence[Box]] = MappingProxyType({}),
) -> list[int]:
    """The pages, from 0, that look different in a copy.

    Args:
        original: a document.
        copy: its copy.
        pages: how many both have.
        only: pages to compare; ``None`` for all.
        but: boxes that are not compared, by page.

    Raises:
        UnsupportedDocumentError: one of the two does not show so many pages.
    """
    compared = range(pages) if only is None else only
    with opened(original, pages) as first, opened(copy, pages) as second:
        return [
            index
            for index in compared
            if not _alike(first[index], second[index], _STRICTLY, but.get(index, ()))
        ]


def unlike_but_for_specks(original: bytes, copy: bytes, *, pages: int) -> list[int]:
    """The pages, from 0, that look different where edges may be smoothed otherwise.

    Raises:
        UnsupportedDocumentError: one of the two does not show so many pages.
    """
    with opened(original, pages) as first, opened(copy, pages) as second:
        return [
            index for index in range(pages) if not _alike(first[index], second[index], _LOOSELY)
        ]


def with_pictures(original: bytes, copy: bytes, *, pages: Sequence[int]) -> bytes:
    """The copy, with pictures of the original's pages in the place of some."""
    with opened(original) as shown, opened(copy) as made:
        for index in pages:
            _replace(made, index, shown[index])
        return _saved(made)


def _saved(document: PdfDocument) -> bytes:
    out = BytesIO()
    document.save(out)
    return out.getvalue()


def _alike(
    one: PdfPage, other: PdfPage, tolerance: tuple[int, int, int], but: Sequence[Box] = ()
) -> bool:
    from PIL import ImageChops

    if one.get_size() != other.get_size():
        return False
    first, second = (_drawn(page, _COMPARED_AT) for page in (one, other))
    difference = ImageChops.difference(first, second)
    for box in but:
        difference.paste((0, 0, 0), _on_picture(one, box, difference.size))
    red, green, blue = difference.split()
    colour = ImageChops.lighter(ImageChops.lighter(red, green), blue)
    lightness, one_colour, specks = tolerance
    return (
        sum(difference.convert("L").histogram()[lightness:]) <= specks
        and sum(colour.histogram()[one_colour:]) <= specks  # yellow is nearly as light as white
    )


def _on_picture(page: PdfPage, box: Box, size: tuple[int, int]) -> tuple[int, int, int, int]:
    """Where a box of a page stands on its picture."""
    from pypdfium2 import raw

    corners = []
    for x, y in (box[:2], box[2:]):
        across, down = ctypes.c_int(), ctypes.c_int()
        raw.FPDF_PageToDevice(page, 0, 0, *size, 0, x, y, across, down)
        corners.append((across.value, down.value))
    (left, right), (upper, lower) = (sorted(sides) for sides in zip(*corners, strict=True))
    return max(0, left - 1), max(0, upper - 1), right + 2, lower + 2


def _drawn(page: PdfPage, scale: float) -> Image.Image:
    width, height = page.get_size()
    scale = min(scale, (_MAX_PIXELS / max(1.0, width * height)) ** 0.5)
    image: Image.Image = page.render(scale=scale, may_draw_forms=True).to_pil().convert("RGB")
    return image


def _replace(copy: PdfDocument, index: int, shown: PdfPage) -> None:
    """Put a picture of a page in the page's place."""
    from pypdfium2 import PdfBitmap, PdfImage, PdfMatrix

    width, height = shown.get_size()
    picture = PdfImage.new(copy)
    picture.set_bitmap(PdfBitmap.from_pil(_drawn(shown, _PICTURE_AT)))
    picture.set_matrix(PdfMatrix().scale(width, height))
    copy.del_page(index)
    page = copy.new_page(width, height, index)
    page.insert_obj(picture)
    page.gen_content()
    page.close()
