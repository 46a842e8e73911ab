"""Whether the glyphs of a font look the same without its instructions, as PDFium draws them.

PDFium fits glyphs to a grid of 64 by 64 whatever their size on the page, and takes those above some
50 pixels for paths, which are not fitted. So one drawing of each glyph, smaller than that, will do.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import TYPE_CHECKING, Final

from pikepdf import Dictionary, Object, Pdf

from eseal.documents.viewer.opened import opened
from eseal.documents.viewer.specimens import by_name, by_number, parts

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


_Cell = tuple[int, bytes]
"""Which font of a program shows something, and by which codes."""


@dataclass(frozen=True)
class Names:
    """What is compared of a Type 1 program: all must look the same to the pixel.

    Attributes:
        there: names of glyphs.
        absent: names that lead to none.
        codes: those of its own encoding that lead to glyphs.
        others: those that lead to none.
    """

    there: Sequence[str]
    absent: Sequence[str]
    codes: Iterable[int]
    others: Iterable[int]

    @property
    def rows(self) -> list[Sequence[str]]:
        """The names that fonts show, and a font of the program's own encoding."""
        return [*parts(self.there), *parts(self.absent), ()]

    @property
    def cells(self) -> list[_Cell]:
        """Each glyph by its name, and by its codes; what leads to none upon one another."""
        *rows, _ = self.rows
        shown = [(at, range(len(row))) for at, row in enumerate(rows)]
        count = len(parts(self.there))
        each = [(at, bytes([code])) for at, codes in shown[:count] for code in codes]
        each += [(at, bytes(codes)) for at, codes in shown[count:]]
        each += [(len(rows), bytes([code])) for code in self.codes]
        return [*each, (len(rows), bytes(self.others))]


@dataclass(frozen=True)
class Pair:
    """A program, before and after.

    Attributes:
        before: a program of TrueType, of OpenType, or of Type 1.
        after: another one with the same glyphs.
        glyphs: those to compare.
        names: what to compare, if it is of Type 1.
    """

    before: bytes
    after: bytes
    glyphs: Sequence[int] = ()
    names: Names | None = None

    @property
    def cells(self) -> list[_Cell]:
        """What is shown of each program."""
        numbers = [(0, struct.pack(">H", glyph)) for glyph in self.glyphs]
        return self.names.cells if self.names else numbers

    def fonts(self, pdf: Pdf, *, is_after: bool) -> list[Object]:
        """Fonts that show it."""
        program = self.after if is_after else self.before
        if self.names is None:
            return [by_number(pdf, program)]
        return [by_name(pdf, program, row) for row in self.names.rows]


def unlike(pairs: Sequence[Pair]) -> list[int]:
    """Which pairs, from 0, have a glyph that looks different.

    Raises:
        UnsupportedDocumentError: PDFium cannot draw them.
    """
    listed = [(index, cell) for index, pair in enumerate(pairs) for cell in pair.cells]
    found: set[int] = set()
    for start in range(0, len(listed), _AT_ONCE):
        part = listed[start : start + _AT_ONCE]
        found |= {part[place][0] for place in _differing(pairs, part)}
    return sorted(found)


def _differing(pairs: Sequence[Pair], listed: Sequence[tuple[int, _Cell]]) -> list[int]:
    """The places of glyphs that look different, among those listed by pair."""
    from PIL import ImageChops

    with opened(_specimen(pairs, listed)) as document:
        before, after = (
            ImageChops.invert(page.render(scale=1, grayscale=True).to_pil()) for page in document
        )
    if before == after:
        return []
    places = []
    amiss = _lacking(before, after)
    is_rough = not _is_slight(amiss)
    columns = amiss.width // _CELL
    for place, (index, _) in enumerate(listed):
        is_exact = pairs[index].names is not None
        if not (is_exact or is_rough):
            continue
        left, top = place % columns * _CELL, place // columns * _CELL
        cell = left, top, left + _CELL, top + _CELL
        one, other = before.crop(cell), after.crop(cell)
        if one == other or (not is_exact and _is_slight(amiss.crop(cell))):
            continue
        if is_exact or not _is_moved(one, other):
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


def _specimen(pairs: Sequence[Pair], listed: Sequence[tuple[int, _Cell]]) -> bytes:
    """A document of two pages that show glyphs in rows, of each program before and after."""
    columns = math.isqrt(len(listed) - 1) + 1
    rows = -(-len(listed) // columns)
    contents = []
    for place, (index, (font, codes)) in enumerate(listed):
        left, low = place % columns * _CELL, (rows - 1 - place // columns) * _CELL
        # Each in its own cell: a large one would cover what others lack.
        contents.append(f"q {left} {low} {_CELL} {_CELL} re W n BT /F{index}x{font} {_EM} Tf")
        contents.append(f"{left + _MARGIN} {low + _MARGIN} Td <{codes.hex()}> Tj ET Q")
    shown = "\n".join(contents).encode()
    used = sorted({index for index, _ in listed})
    pdf, out = Pdf.new(), BytesIO()
    for is_after in (False, True):
        page = pdf.add_blank_page(page_size=(columns * _CELL, rows * _CELL)).obj
        page.Contents = pdf.make_stream(shown)
        fonts = {
            f"/F{index}x{at}": font
            for index in used
            for at, font in enumerate(pairs[index].fonts(pdf, is_after=is_after))
        }
        page.Resources = Dictionary(Font=Dictionary(fonts))
    pdf.save(out, compress_streams=False)
    return out.getvalue()
