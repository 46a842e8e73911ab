"""Whether letters of a page are covered: judged by what is seen.

A place is drawn four times: with and without text, with and without what may cover it. A letter is
covered if it is there without the cover, makes no difference with it, and something else is seen in
its place; a place is covered if that is so for most of the ink around it. So clear stamps, tints
and text written again on top are none; a spot of white in a large clear picture is one.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from eseal.documents.viewer.opened import Box, opened, page_of
from eseal.documents.viewer.upright import around, clipped, drawn_part, scale_of

if TYPE_CHECKING:
    from PIL import Image
    from pypdfium2 import PdfMatrix, PdfPage

_MARGIN: Final = 1.5
"""Points at the edge of what covers that may touch a line of text."""
_SCALE: Final = 2.0
"""Pixels in a point."""
_MAX_DEPTH: Final = 15
"""Forms inside one another that are looked into; what is deeper counts as a picture."""
_INVISIBLE: Final = frozenset({3, 7})
"""Modes of text that paint nothing (ISO 32000-1 table 106), as behind a scan."""
_STROKE: Final = 72
"""Levels of 255 by which a letter differs from its ground. A letter drawn twice differs by up to
64 from one drawn once, at its edges."""
_TRACE: Final = 12
"""Levels of 255 by which a letter still shows through."""
_AROUND: Final = 8
"""Pixels to each side of a place: some letter of eight points."""
_COVERED: Final = 24 * 255 // (2 * _AROUND + 1) ** 2
"""Mean level of a place with 24 covered pixels: a letter of 6 points has some 30 dark ones."""


def covered_by_annotations(
    pdf: bytes,
    *,
    drawn: Sequence[tuple[int, Sequence[Box]]],
    undrawn: Sequence[tuple[int, Sequence[Box]]],
) -> list[int]:
    """The pages on which annotations or fields cover text of the page.

    Args:
        pdf: the document.
        drawn: pages, from 0, with the places of annotations that may.
        undrawn: the same of those that PDFium does not draw, but other viewers do: to stand over
            letters is enough.
    """
    found = []
    with opened(pdf) as document:
        for index, there in drawn:
            with page_of(document, index) as page:
                places = [*_over_letters(page, there)]
                if places:
                    texts = [part for part in _parts(page, paths=False) if part.is_text]
                    if _letters_lost(page, texts, places, lambda shown: shown):
                        found.append(index)
        for index, there in undrawn:
            with page_of(document, index) as page:
                if any(_over_letters(page, there)):
                    found.append(index)
    return sorted(set(found))


def covered_by_pictures(pdf: bytes, *, pages: Sequence[tuple[int, bool]]) -> list[int]:
    """The pages on which pictures or forms, drawn later, cover text of the page.

    Args:
        pdf: the document.
        pages: from 0, those to look at; and whether it may fill something with a pattern, which
            is as good as a picture.
    """
    found = []
    with opened(pdf) as document:
        for index, patterned in pages:
            with page_of(document, index) as page:
                texts, covers = _candidates(page, paths=patterned)
                places = [cover.box for cover in covers]
                if covers and _letters_lost(page, texts, places, partial(_activate, covers)):
                    found.append(index)
    return found


def _over_letters(page: PdfPage, boxes: Sequence[Box]) -> Iterator[Box]:
    text = page.get_textpage()
    try:
        for box in boxes:
            place = clipped(box, page.get_bbox())
            if place and any(letter.isalnum() for letter in text.get_text_bounded(*place)):
                yield place
    finally:
        text.close()


@dataclass(frozen=True, slots=True)
class _Part:
    """Something a page draws.

    Attributes:
        handle: PDFium's.
        is_text: text that paints; otherwise something that may cover it.
        box: where.
    """

    handle: Any
    is_text: bool
    box: Box


def _parts(
    container: Any, matrix: PdfMatrix | None = None, depth: int = 0, *, paths: bool
) -> Iterator[_Part]:
    """Text, pictures, and whatever forms draw, in the order in which it is drawn.

    Args:
        container: a page, or a form.
        matrix: where the form stands.
        depth: forms inside one another.
        paths: whether what is filled or stroked counts, as it always does inside a form.
    """
    from pypdfium2 import PdfMatrix, raw

    count, get = (
        (raw.FPDFFormObj_CountObjects, raw.FPDFFormObj_GetObject)
        if depth
        else (raw.FPDFPage_CountObjects, raw.FPDFPage_GetObject)
    )
    for index in range(count(container)):
        handle = get(container, index)
        kind = raw.FPDFPageObj_GetType(handle)
        if kind == raw.FPDF_PAGEOBJ_FORM and depth < _MAX_DEPTH:
            own = raw.FS_MATRIX()
            raw.FPDFPageObj_GetMatrix(handle, own)
            inner = PdfMatrix.from_raw(own)
            placed = inner.multiply(matrix) if matrix else inner
            yield from _parts(handle, placed, depth + 1, paths=True)
            continue
        is_text = kind == raw.FPDF_PAGEOBJ_TEXT
        if is_text:
            if raw.FPDFTextObj_GetTextRenderMode(handle) in _INVISIBLE:
                continue
        elif kind == raw.FPDF_PAGEOBJ_PATH and not paths:
            continue
        sides = [ctypes.c_float() for _ in range(4)]
        if raw.FPDFPageObj_GetBounds(handle, *sides):
            left, bottom, right, top = (side.value for side in sides)
            yield _Part(handle, is_text, _on_page(matrix, (left, bottom, right, top)))


def _on_page(matrix: PdfMatrix | None, box: Box) -> Box:
    if matrix is None:
        return box
    left, bottom, right, top = box
    corners = [matrix.on_point(x, y) for x in (left, right) for y in (bottom, top)]
    across, up = zip(*corners, strict=True)
    return min(across), min(up), max(across), max(up)


def _candidates(page: PdfPage, *, paths: bool) -> tuple[list[_Part], list[_Part]]:
    """All text drawn before the last of what is drawn over text; and what that is."""
    from PIL import Image, ImageDraw

    bounds = page.get_bbox()
    scale = scale_of(bounds, 1.0)
    size = (
        int((bounds[2] - bounds[0]) * scale) + 1, int((bounds[3] - bounds[1]) * scale) + 1
    )  # fmt: skip
    taken = Image.new("1", size)
    draw = ImageDraw.Draw(taken)
    texts: list[_Part] = []
    covers: list[_Part] = []
    before = 0
    for part in _parts(page, paths=paths):
        if not (part.is_text or texts):
            continue
        box = clipped(part.box, bounds)
        if box is None:
            continue
        # Upside down, which does not matter here.
        place = (
            int((box[0] - bounds[0]) * scale),
            int((box[1] - bounds[1]) * scale),
            int((box[2] - bounds[0]) * scale),
            int((box[3] - bounds[1]) * scale),
        )
        if part.is_text:
            texts.append(part)
            draw.rectangle(place, fill=1)
        elif taken.crop((*place[:2], place[2] + 1, place[3] + 1)).getbbox():
            covers.append(_Part(part.handle, is_text=False, box=box))
            before = len(texts)
    return texts[:before], covers


def _letters_lost(
    page: PdfPage, texts: Sequence[_Part], covers: Sequence[Box], cover: Callable[[bool], bool]
) -> bool:
    """Whether somewhere most of the ink of letters makes no difference to what is seen.

    Args:
        page: the page.
        texts: what may be covered.
        covers: where something may cover it.
        cover: puts that something there, or takes it away; says whether to draw annotations.
    """
    from PIL import ImageChops, ImageFilter

    area = clipped(_grown(around(covers), 2 * _MARGIN), page.get_bbox()) or page.get_bbox()
    letters = [*_letter_boxes(page)]  # of what is active only: before the pictures are made

    def made(*, with_text: bool, with_cover: bool) -> Image.Image:
        _activate(texts, with_text)
        shows = cover(with_cover)
        return drawn_part(page, area, scale=scale_of(area, _SCALE), annotations=shows)

    def differ(one: Image.Image, other: Image.Image) -> Image.Image:
        """White where letters stand and the pictures differ by as much as letters do."""
        return ImageChops.multiply(
            _where(one, other, lambda level: level > _STROKE), _mask(one, area, letters)
        )

    shown = made(with_text=True, with_cover=True)
    bare = made(with_text=True, with_cover=False)
    gone = differ(shown, bare)
    if gone.getbbox() is None:
        return False  # as on nearly all pages
    ink = differ(bare, made(with_text=False, with_cover=False))
    hidden = _where(shown, made(with_text=False, with_cover=True), lambda level: level <= _TRACE)
    # Together, since many a picture comes in strips; without its edge.
    under = _mask(shown, area, covers).filter(ImageFilter.BoxBlur(_MARGIN * scale_of(area, _SCALE)))
    inside = under.point(lambda level: 255 if level == 255 else 0)  # noqa: PLR2004  all around
    lost = ImageChops.multiply(ImageChops.multiply(ink, inside), ImageChops.multiply(hidden, gone))
    # Mean levels around each pixel: how much ink there is, and how much of it is lost.
    near = ImageFilter.BoxBlur(_AROUND)
    all_ink, lost_ink = ink.filter(near), lost.filter(near)
    enough = lost_ink.point(lambda level: 255 if level >= _COVERED else 0)
    left = ImageChops.subtract(ImageChops.subtract(all_ink, lost_ink), lost_ink)
    most = left.point(lambda level: 0 if level else 255)
    return ImageChops.multiply(enough, most).getbbox() is not None


def _letter_boxes(page: PdfPage) -> Iterator[Box]:
    """The places of letters and digits: lines to write on, for instance, may be covered."""
    import pypdfium2.raw as pdfium

    text = page.get_textpage()
    try:
        for index in range(text.count_chars()):
            if chr(pdfium.FPDFText_GetUnicode(text, index)).isalnum():
                yield text.get_charbox(index)
    finally:
        text.close()


def _activate(parts: Sequence[_Part], active: bool) -> bool:
    """Put them on the page or take them away; annotations play no part in it."""
    import pypdfium2.raw as pdfium

    for part in parts:
        pdfium.FPDFPageObj_SetIsActive(part.handle, active)
    return False


def _where(one: Image.Image, other: Image.Image, fits: Callable[[int], bool]) -> Image.Image:
    """White where the difference of two pictures fits."""
    from PIL import ImageChops

    return ImageChops.difference(one, other).point([255 * fits(level) for level in range(256)])


def _mask(drawn: Image.Image, area: Box, boxes: Iterable[Box]) -> Image.Image:
    """White where boxes are, for the picture of an area."""
    from PIL import Image, ImageDraw

    mask, scale = Image.new("L", drawn.size), scale_of(area, _SCALE)
    draw = ImageDraw.Draw(mask)
    for each in boxes:
        box = clipped(each, area)
        if box is not None:
            left, right = ((side - area[0]) * scale for side in (box[0], box[2]))
            upper, lower = ((area[3] - side) * scale for side in (box[3], box[1]))
            draw.rectangle((left, upper, right, lower), fill=255)
    return mask


def _grown(box: Box, by: float) -> Box:
    left, bottom, right, top = box
    return left - by, bottom - by, right + by, top + by
