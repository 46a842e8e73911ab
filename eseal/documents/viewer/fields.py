"""What is seen of the text that form fields add to a page.

The letters are those PDFium finds in the looks of fields, and which of them are seen is judged by
pixels: the place is drawn as it is, without the text, and with that text alone in black. A letter
whose ink makes no difference to what is shown is as white as its paper, or covered; one without
ink is cut off, or paints nothing.
"""

from __future__ import annotations

import ctypes
import math
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from typing import TYPE_CHECKING, Any, Final

from eseal.documents.viewer.lines import Letter, Run, read
from eseal.documents.viewer.opened import Box, opened, page_of
from eseal.documents.viewer.upright import around, clipped, drawn_while, overlap, scale_of

if TYPE_CHECKING:
    from PIL import Image
    from pypdfium2 import PdfPage

_SCALE: Final = 1.5
"""Pixels in a point."""
_INK: Final = 40
"""Levels of 255 by which a pixel of a black letter differs from white paper: thin ones are grey."""
_SHADE: Final = 14
"""Levels by which a letter differs from its ground, and its grey pixels in proportion."""
_COVERED: Final = 8
"""A letter of which one in so many pixels, and more than two, are lost, may be another one."""
_LOST: Final = 2
_LEAST: Final = 3.0
"""Points: smaller letters are read by programs only."""
_ASIDE: Final = 2
"""Pixels by which PDFium moves small letters, so that they begin with one."""
_ROUNDED: Final = 2
_NARROWER: Final = 8
"""The ink of a whole letter spans its box but for so many pixels, and one in so many."""
_SAME_PLACE: Final = 0.75
"""Of the room of the smaller of two letters; an italic j stands in half of the f before it."""
_STRAIGHT: Final = 0.9
"""Cosine of the angle by which letters of one text may lean."""
_ALSO_TURNED: Final = frozenset("0125689HIMNOSWXZbdlnopqsuwxz")
"""What is a letter or digit upside down, too, the same or another."""
_WIDE: Final = frozenset("023456789ABCDEGHKMNOPQRSUVWXYZabcdeghkmnopqsuvwxyz")
_NARROW: Final = 0.15
"""Of the height of such a letter: what is not even so wide looks like a line."""
_CELL: Final = 16.0
"""Points in the side of a square in which letters are looked up."""
_NANOSECONDS: Final = 1000
_BLACK: Final = (0, 0, 0, 255)
_BROKEN: Final = "\x02"
"""A hyphen at the end of a line, as PDFium tells it."""


def texts_seen(
    pdf: bytes, places: Sequence[tuple[int, Box]], spend: Callable[[int], None]
) -> list[str | None]:
    """The letters and signs that fields and annotations add to what is printed.

    Args:
        pdf: the document.
        places: pages, from 0, and boxes on them.
        spend: is told of steps, and of each microsecond of processor time.

    Returns:
        For each place what is seen, in the order in which it is read; ``None`` where that is not
        certain: something is covered, cut through, tiny, upside down or on top of another. Blanks
        are told between digits only.

    Raises:
        UnsupportedDocumentError: PDFium cannot show it.
        Exception: what ``spend`` raises, also while a page is drawn.
    """
    spend = _timed(spend)
    found: list[str | None] = [""] * len(places)
    pages: dict[int, list[int]] = defaultdict(list)
    for number, (index, _) in enumerate(places):
        pages[index].append(number)
    with opened(pdf) as document:
        for index, numbers in pages.items():
            spend(1)
            if not _draw_in(document, index):
                continue
            with page_of(document, index) as page:
                boxes = [places[number][1] for number in numbers]
                for number, text in zip(numbers, _seen(page, boxes, spend), strict=True):
                    found[number] = text
    return found


def _timed(spend: Callable[[int], None]) -> Callable[[int], None]:
    """Spend the microseconds since it was last called, if they are more than the steps told."""
    last = time.process_time_ns()

    def spend_more(steps: int) -> None:
        nonlocal last
        before, last = last, time.process_time_ns()
        spend(max(steps, (last - before) // _NANOSECONDS))

    return spend_more


def _draw_in(document: Any, index: int) -> bool:
    """Make annotations and fields the last object of a page; whether there is any."""
    from pypdfium2 import raw

    with page_of(document, index) as page:
        return bool(raw.FPDFPage_Flatten(page, raw.FLAT_NORMALDISPLAY) == raw.FLATTEN_SUCCESS)


def _seen(
    page: PdfPage, boxes: Sequence[Box], spend: Callable[[int], None]
) -> Iterator[str | None]:
    """What is seen in boxes of a page into which all is drawn."""
    area = clipped(around(boxes), page.get_bbox())
    if area is None:
        yield from [""] * len(boxes)
        return
    ink, lost, letters = _drawn(page, area, spend)
    scale = scale_of(area, _SCALE)
    turned = math.radians(page.get_rotation())
    upright = math.cos(turned), math.sin(turned)
    for inside in _by_box(letters, [clipped(box, area) for box in boxes], spend):
        whole = [_is_whole(ink, lost, _pixels(each.box, area, scale)) for each in inside]
        told = [*zip(inside, whole, strict=True)]
        seen = [each for each, is_whole in told if is_whole]
        is_cut = any(each.counts and is_whole is False for each, is_whole in told)
        yield None if is_cut or not _is_plain(seen, upright, spend) else read(seen)


def _drawn(
    page: PdfPage, area: Box, spend: Callable[[int], None]
) -> tuple[Image.Image, Image.Image | None, list[Letter]]:
    """Where the text of fields has ink, where that is lost, if it is, and the letters.

    Nothing but the text of fields is left on the page.
    """
    from PIL import ImageChops
    from pypdfium2 import raw

    count = raw.FPDFPage_CountObjects(page)
    texts, others = _parts(raw.FPDFPage_GetObject(page, count - 1), spend)
    printed = [raw.FPDFPage_GetObject(page, index) for index in range(count - 1)]

    def made() -> Image.Image:
        scale = scale_of(area, _SCALE)
        return drawn_while(page, area, scale, lambda: spend(1))

    shown = made()
    _activate(texts, False)
    bare = made()
    _activate((*printed, *others), False)
    for each in texts:
        raw.FPDFPageObj_SetIsActive(each, True)
        raw.FPDFPageObj_SetFillColor(each, *_BLACK)
        raw.FPDFPageObj_SetStrokeColor(each, *_BLACK)
    black = made()
    ink = black.point([255 * (level < 255 - _INK) for level in range(256)])
    least = [1 + (255 - level) * _SHADE // 255 if level < 255 - _INK else 0 for level in range(256)]
    lost = ImageChops.subtract(black.point(least), ImageChops.difference(shown, bare))
    return ink, lost if lost.getbbox() else None, [*_letters(page, spend)]


def _parts(form: Any, spend: Callable[[int], None]) -> tuple[list[Any], list[Any]]:
    """The text in a form, however deep, and whatever else is drawn there."""
    from pypdfium2 import raw

    texts, others, waiting = list[Any](), list[Any](), [form]
    while waiting:
        each = waiting.pop()
        spend(1)
        match raw.FPDFPageObj_GetType(each):
            case raw.FPDF_PAGEOBJ_FORM:
                count = raw.FPDFFormObj_CountObjects(each)
                waiting += (raw.FPDFFormObj_GetObject(each, index) for index in range(count))
            case raw.FPDF_PAGEOBJ_TEXT:
                _leave_out_what_is_told(each)
                texts.append(each)
            case _:
                others.append(each)
    return texts, others


def _leave_out_what_is_told(text: Any) -> None:
    """Take off ``ActualText`` (section 14.9.4), which PDFium gives in place of what is drawn."""
    from pypdfium2 import raw

    for index in range(raw.FPDFPageObj_CountMarks(text)):
        mark = raw.FPDFPageObj_GetMark(text, index)
        if raw.FPDFPageObjMark_CountParams(mark):
            raw.FPDFPageObjMark_RemoveParam(text, mark, b"ActualText")


def _activate(parts: Iterable[Any], active: bool) -> None:
    from pypdfium2 import raw

    for part in parts:
        raw.FPDFPageObj_SetIsActive(part, active)


def _letters(page: PdfPage, spend: Callable[[int], None]) -> Iterator[Letter]:
    from pypdfium2 import raw

    text, room = page.get_textpage(), raw.FS_RECTF()
    left, right, bottom, top = sides = [ctypes.c_double() for _ in range(4)]
    to = [ctypes.byref(side) for side in sides]
    runs: dict[int | None, Run] = {}
    try:
        for index in range(text.count_chars()):
            spend(1)
            letter = chr(raw.FPDFText_GetUnicode(text, index)).replace(_BROKEN, "-")
            if not letter.isprintable() or letter == " ":
                continue
            drawn = ctypes.cast(raw.FPDFText_GetTextObject(text, index), ctypes.c_void_p).value
            run = runs.get(drawn)
            if run is None:
                run = runs[drawn] = _run(text, index)
            raw.FPDFText_GetCharBox(text, index, *to)
            raw.FPDFText_GetLooseCharBox(text, index, room)
            yield Letter(
                letter,
                (left.value, bottom.value, right.value, top.value),
                (room.left, room.bottom, room.right, room.top),
                run,
            )
    finally:
        text.close()


def _run(text: Any, index: int) -> Run:
    from pypdfium2 import raw

    matrix = raw.FS_MATRIX()
    raw.FPDFText_GetMatrix(text, index, matrix)
    left, bottom, right, top = text.get_charbox(index, loose=True)
    long = math.hypot(matrix.a, matrix.b)
    if long == 0 or matrix.a * matrix.d <= matrix.b * matrix.c:
        return Run(0.0, 0.0, 0.0, 0.0)
    across, up = matrix.a / long, matrix.b / long
    base = (bottom + top) / 2 * across - (left + right) / 2 * up
    return Run(across, up, base, abs(across) * (top - bottom) + abs(up) * (right - left))


def _by_box(
    letters: Iterable[Letter], boxes: Sequence[Box | None], spend: Callable[[int], None]
) -> list[list[Letter]]:
    """For each box the letters whose middle is in it."""
    cells: dict[tuple[int, int], list[int]] = defaultdict(list)
    for number, box in enumerate(boxes):
        if box is None:
            continue
        first, last = _cell(box[0], box[1]), _cell(box[2], box[3])
        spend((last[0] - first[0] + 1) * (last[1] - first[1] + 1))
        for column in range(first[0], last[0] + 1):
            for row in range(first[1], last[1] + 1):
                cells[column, row].append(number)
    found: list[list[Letter]] = [[] for _ in boxes]
    for letter in letters:
        left, bottom, right, top = letter.box
        across, up = (left + right) / 2, (bottom + top) / 2
        there = cells.get(_cell(across, up), ())
        spend(len(there))
        for number in there:
            box = boxes[number]
            if box and box[0] <= across <= box[2] and box[1] <= up <= box[3]:
                found[number].append(letter)
    return found


def _cell(across: float, up: float) -> tuple[int, int]:
    return int(across // _CELL), int(up // _CELL)


def _pixels(box: Box, area: Box, scale: float) -> tuple[int, int, int, int]:
    """The pixels that a box touches, and some around them."""
    left, bottom, right, top = box
    return (
        math.floor((left - area[0]) * scale) - _ASIDE,
        math.floor((area[3] - top) * scale) - _ASIDE,
        math.ceil((right - area[0]) * scale) + _ASIDE,
        math.ceil((area[3] - bottom) * scale) + _ASIDE,
    )


def _is_whole(
    ink: Image.Image, lost: Image.Image | None, place: tuple[int, int, int, int]
) -> bool | None:
    """Whether all of a letter is seen; ``None`` of one that nothing of is drawn."""
    drawn = ink.crop(place)
    there = drawn.getbbox()
    if there is None:
        return None
    left, upper, right, lower = there
    for cut, side in (
        (drawn.width - right + left, drawn.width),
        (drawn.height - lower + upper, drawn.height),
    ):
        if cut - 2 * _ASIDE > _ROUNDED + side // _NARROWER:
            return False
    if lost is None:
        return True
    gone: int = sum(lost.crop(place).histogram()[1:])
    return gone <= _LOST or gone * _COVERED <= drawn.histogram()[-1]


def _is_plain(
    letters: Sequence[Letter], upright: tuple[float, float], spend: Callable[[int], None]
) -> bool:
    """Whether letters of some size run in one direction, not upside down, and side by side."""
    if not letters:
        return True
    across, up, _, _ = letters[0].run
    is_turned = across * upright[0] + up * upright[1] < -_STRAIGHT
    if is_turned and all(one.text in _ALSO_TURNED for one in letters if one.text.isalnum()):
        return False
    if any(one.text in _WIDE and _is_squeezed(one.box) for one in letters):
        return False
    return not any(
        run.size < _LEAST or across * run.across + up * run.up < _STRAIGHT
        for run in {one.run for one in letters}
    ) and not _are_stacked(letters, spend)


def _is_squeezed(box: Box) -> bool:
    sides = box[2] - box[0], box[3] - box[1]
    return min(sides) < _NARROW * max(sides)


def _are_stacked(letters: Sequence[Letter], spend: Callable[[int], None]) -> bool:
    """Whether one stands on another: what is beneath it nobody sees."""
    ordered = sorted(letters, key=lambda letter: letter.room[0])
    for index, one in enumerate(ordered):
        for other in islice(ordered, index + 1, None):
            spend(1)
            if other.room[0] >= one.room[2]:
                break
            is_ligature = one.box == other.box and one.run == other.run
            if not is_ligature and overlap(one.room, other.room) > _SAME_PLACE:
                return True
    return False
