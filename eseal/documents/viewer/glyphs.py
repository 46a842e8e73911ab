"""Whether the glyphs of a font look the same without its instructions, as PDFium draws them.

PDFium fits glyphs to a grid of 64 by 64 whatever their size on the page, and takes those above some
50 pixels for paths, which are not fitted. So one drawing of each glyph, smaller than that, will do.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import TYPE_CHECKING, Final

from pikepdf import Dictionary, Pdf

from eseal.documents.viewer.opened import opened
from eseal.documents.viewer.specimens import by_number

if TYPE_CHECKING:
    from PIL import Image

_EM: Final = 32
"""Pixels of the font's size."""
_CELL: Final = 64
_MARGIN: Final = 16
"""Below and left of a glyph's origin."""
_UP_AND_DOWN: Final = (-2, -1, 1, 2)
"""Pixels by which a whole glyph may stand higher or lower."""
_SEEN: Final = 144
"""Levels of 255 by which ink must be darker than all within a pixel around it in the other picture.
Of 12,800 glyphs in 300 real programs none is above 133. Of 1,091 pairs of signs like 6 and 8, or
point and comma, in 45 fonts nine are below."""
_AT_ONCE: Final = 2048
"""Glyphs in a picture."""


@dataclass(frozen=True)
class Pair:
    """A program, before and after.

    Attributes:
        before: a TrueType program.
        after: another one with the same glyphs.
        glyphs: those to compare.
    """

    before: bytes
    after: bytes
    glyphs: Sequence[int]


def unlike(pairs: Sequence[Pair]) -> list[int]:
    """Which pairs, from 0, have a glyph that looks different.

    Raises:
        UnsupportedDocumentError: PDFium cannot draw them.
    """
    listed = [(index, glyph) for index, pair in enumerate(pairs) for glyph in pair.glyphs]
    found: set[int] = set()
    for start in range(0, len(listed), _AT_ONCE):
        part = listed[start : start + _AT_ONCE]
        found |= {part[place][0] for place in _differing(pairs, part)}
    return sorted(found)


def _differing(pairs: Sequence[Pair], listed: Sequence[tuple[int, int]]) -> list[int]:
    """The places of glyphs that look different, among those listed by pair and number."""
    from PIL import ImageChops

    with opened(_specimen(pairs, listed)) as document:
        before, after = (
            ImageChops.invert(page.render(scale=1, grayscale=True).to_pil()) for page in document
        )
    amiss = _lacking(before, after)
    if _is_slight(amiss):
        return []
    places = []
    columns = amiss.width // _CELL
    for place in range(len(listed)):
        left, top = place % columns * _CELL, place // columns * _CELL
        cell = left, top, left + _CELL, top + _CELL
        if not _is_slight(amiss.crop(cell)) and not _is_moved(before.crop(cell), after.crop(cell)):
            places.append(place)
    return places


def _is_moved(before: Image.Image, after: Image.Image) -> bool:
    """Whether a glyph looks the same a little higher or lower."""
    from PIL import ImageChops

    moved = (ImageChops.offset(after, 0, by) for by in _UP_AND_DOWN)
    return any(_is_slight(_lacking(before, each)) for each in moved)


def _is_slight(amiss: Image.Image) -> bool:
    return not any(amiss.histogram()[_SEEN:])


def _lacking(one: Image.Image, other: Image.Image) -> Image.Image:
    """The ink of each that has none of the other near it."""
    from PIL import ImageChops

    return ImageChops.lighter(
        ImageChops.subtract(one, _spread(other)),
        ImageChops.subtract(other, _spread(one)),
    )


def _spread(ink: Image.Image) -> Image.Image:
    """Ink, and what is near it."""
    from PIL import ImageChops

    for across, down in ((1, 0), (0, 1)):
        sides = [ImageChops.offset(ink, sign * across, sign * down) for sign in (1, -1)]
        ink = ImageChops.lighter(ImageChops.lighter(ink, sides[0]), sides[1])
    return ink


def _specimen(pairs: Sequence[Pair], listed: Sequence[tuple[int, int]]) -> bytes:
    """A document of two pages that show glyphs in rows, of each program before and after."""
    columns = math.isqrt(len(listed) - 1) + 1
    rows = -(-len(listed) // columns)
    contents = []
    for place, (index, glyph) in enumerate(listed):
        left, low = place % columns * _CELL, (rows - 1 - place // columns) * _CELL
        # Each in its own cell: a large one would cover what others lack.
        contents.append(f"q {left} {low} {_CELL} {_CELL} re W n BT /F{index} {_EM} Tf")
        contents.append(f"{left + _MARGIN} {low + _MARGIN} Td <{glyph:04x}> Tj ET Q")
    shown = "\n".join(contents).encode()
    used = sorted({index for index, _ in listed})
    pdf, out = Pdf.new(), BytesIO()
    for programs in ([pair.before for pair in pairs], [pair.after for pair in pairs]):
        page = pdf.add_blank_page(page_size=(columns * _CELL, rows * _CELL)).obj
        page.Contents = pdf.make_stream(shown)
        fonts = {f"/F{index}": by_number(pdf, programs[index]) for index in used}
        page.Resources = Dictionary(Font=Dictionary(fonts))
    pdf.save(out, compress_streams=False)
    return out.getvalue()
