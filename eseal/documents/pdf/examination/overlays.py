"""Annotations that are not shown, or that cover text of the page (hide variant, NDSS 2021).

Whether something is covered is judged by what is seen: the place is drawn with and without
annotations, and letters that are there only without are covered.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Final

from eseal.documents.pdf import pdfium
from eseal.documents.pdf.annotations import Annotation
from eseal.documents.pdf.examination.hazards import Hazard, HazardCode
from eseal.documents.pdf.structure import Structure

if TYPE_CHECKING:
    from pypdfium2 import PdfPage

_WITHOUT_LOOK: Final = frozenset({"Link", "Popup"})
"""Annotations that draw nothing but a border."""
_MARKING: Final = frozenset({"Highlight", "Underline", "StrikeOut", "Squiggly", "Text", "Caret",
                             "PrinterMark", "TrapNet"})  # fmt: skip
"""Annotations made to stand on text."""
_LETTERS: Final = 3
"""So many letters or digits under an annotation are text."""
_MARGIN: Final = 1.5
"""Points at the edge of an annotation that may touch a line of text."""
_SCALE: Final = 2.0
"""Pixels in a point."""
_MAX_PIXELS: Final = 16_000_000
_INK: Final = 60
"""Levels of 255 by which a letter differs from what covers it."""
_COVERED: Final = 24
"""Pixels: a letter of 6 points has some 30 dark ones at this scale."""


def find(structure: Structure, found: Sequence[Annotation]) -> Iterator[Hazard]:
    """Hidden annotations, and those over text."""
    pages: dict[int, list[Annotation]] = defaultdict(list)
    for each in found:
        if each.subtype in _WITHOUT_LOOK or not structure.dictionary(each.entries.get("AP")):
            continue
        if each.subtype == "Widget":
            if structure.inherited(each.entries, "FT") == "Sig" or each.is_hidden:
                continue
        elif each.is_hidden:
            yield Hazard(HazardCode.HIDDEN_ANNOTATION, f"{each.subtype}, page {each.page + 1}")
            continue
        if each.subtype not in _MARKING and not each.is_empty:
            pages[each.page].append(each)
    if pages:
        with pdfium.opened(structure.data) as document:
            for index, there in pages.items():
                page = document[index]
                try:
                    if _covers(page, there):
                        yield Hazard(HazardCode.OVERLAY, f"page {index + 1}")
                finally:
                    page.close()


def _covers(page: PdfPage, there: Sequence[Annotation]) -> bool:
    textpage = page.get_textpage()
    try:
        boxes = []
        for each in there:
            left, bottom, right, top = each.box
            inner = (left + _MARGIN, bottom + _MARGIN, right - _MARGIN, top - _MARGIN)
            if inner[0] >= inner[2] or inner[1] >= inner[3]:
                continue
            under = textpage.get_text_bounded(*inner)
            if sum(letter.isalnum() for letter in under) >= _LETTERS:
                boxes.append(inner)
    finally:
        textpage.close()
    return bool(boxes) and any(_letters_lost(page, box) for box in boxes)


def _letters_lost(page: PdfPage, box: tuple[float, float, float, float]) -> bool:
    """Whether strokes inside the box disappear under annotations."""
    from PIL import ImageChops

    left, bottom, right, top = page.get_bbox()
    scale = min(_SCALE, (_MAX_PIXELS / max(1.0, (right - left) * (top - bottom))) ** 0.5)
    # A page's rotation does not matter to what covers what; drawing it upright keeps the boxes.
    turned = page.get_rotation()
    page.set_rotation(0)
    try:
        crop = tuple(
            max(0.0, side)
            for side in (box[0] - left, box[1] - bottom, right - box[2], top - box[3])
        )
        plain, shown = (
            page.render(
                scale=scale,
                crop=crop,
                may_draw_forms=with_all,
                draw_annots=with_all,
                grayscale=True,
            )
            .to_pil()
            .convert("L")
            for with_all in (False, True)
        )
    finally:
        page.set_rotation(turned)
    ground = max(range(256), key=plain.histogram().__getitem__)
    letters = plain.point(lambda level: 255 if abs(level - ground) > _INK else 0)
    cover = max(range(256), key=shown.histogram().__getitem__)
    flat = shown.point(lambda level: 255 if abs(level - cover) <= _INK // 2 else 0)
    lost = ImageChops.multiply(letters, flat).histogram()[255]
    total = letters.histogram()[255]
    return lost >= _COVERED and lost * 2 >= total
