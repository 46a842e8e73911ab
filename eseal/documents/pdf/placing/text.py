"""The plain visible seal: a bordered box with a word, the signer's name, a date and a reason.

Written with Helvetica, one of the fonts every PDF viewer has (ISO 32000-1 section 9.6.2.2), so it
shows the characters of Windows-1252 and no others.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from eseal.documents.pdf.file.objects import Draft
from eseal.documents.pdf.file.values import Name
from eseal.documents.pdf.file.writing import packed
from eseal.documents.pdf.placing.stamps import Stamp, form_entries
from eseal.errors import UnsupportedDocumentError

ENCODING: Final = "cp1252"
"""What /WinAnsiEncoding is (ISO 32000-1 annex D)."""
_FONT: Final = {
    "Type": Name("Font"),
    "Subtype": Name("Type1"),
    "BaseFont": Name("Helvetica"),
    "Encoding": Name("WinAnsiEncoding"),
}
_BORDER: Final = 1.0
"""Points: as strong as a rule in a form."""
_PADDING: Final = 4.0
"""Points between the border and the text."""
_LEADING: Final = 1.25
"""Line height over font size, as for running text."""
_MAX_SIZE: Final = 12.0
"""Points: larger looks like a heading of the page."""
_MIN_SIZE: Final = 4.0
"""Points: smaller cannot be read on paper."""
_ASCENT: Final = 0.72
"""Height of Helvetica's capitals over the font size."""
_WIDE: Final = 1000
"""Assumed for characters without a width below: the widest of the font."""

# Adobe's font metrics of Helvetica for the characters from space to tilde, in 1/1000 of the size.
_ASCII_WIDTHS: Final = (
    278, 278, 355, 556, 556, 889, 667, 191, 333, 333, 389, 584, 278, 333, 278, 278,
    556, 556, 556, 556, 556, 556, 556, 556, 556, 556, 278, 278, 584, 584, 584, 556,
    1015, 667, 667, 722, 722, 667, 611, 778, 722, 278, 500, 667, 556, 833, 722, 778,
    667, 778, 722, 667, 611, 722, 667, 944, 667, 667, 611, 278, 278, 278, 469, 556,
    333, 556, 556, 500, 556, 556, 278, 556, 556, 222, 222, 500, 222, 833, 556, 556,
    556, 556, 333, 500, 278, 556, 500, 722, 500, 500, 500, 334, 260, 334, 584,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Frame:
    """The box to draw: width and height in points."""

    width: float
    height: float


def add_text(draft: Draft, frame: Frame, lines: Sequence[str]) -> Stamp:
    """Add a seal that is a box with text.

    Args:
        draft: the file to add it to.
        frame: the box.
        lines: what stands in it, top to bottom.

    Raises:
        UnsupportedDocumentError: a character the font does not have, or a box too small to read.
    """
    encoded = [_encode(line) for line in lines]
    size = _font_size(frame, lines)
    left, leading = _BORDER + _PADDING, size * _LEADING
    block = leading * (len(lines) - 1) + size * _ASCENT
    top = (frame.height + block) / 2 - size * _ASCENT
    half = _BORDER / 2
    content = b"q %.2f w %.2f %.2f %.2f %.2f re S Q BT /F1 %.2f Tf %.2f TL %.2f %.2f Td " % (
        _BORDER,
        half,
        half,
        frame.width - _BORDER,
        frame.height - _BORDER,
        size,
        leading,
        left,
        top,
    )
    content += b" T* ".join(b"<%s> Tj" % text.hex().encode("ascii") for text in encoded) + b" ET"
    form = packed(form_entries((frame.width, frame.height), {"Font": {"F1": _FONT}}), content)
    return Stamp(draft.add(form), frame.width, frame.height, ink=False)


def _font_size(frame: Frame, lines: Sequence[str]) -> float:
    """The largest size at which all lines fit into the frame."""
    room_x = frame.width - 2 * (_BORDER + _PADDING)
    room_y = frame.height - 2 * (_BORDER + _PADDING)
    widest = max(sum(map(_width, line)) for line in lines) / 1000
    size = min(_MAX_SIZE, room_x / widest, room_y / (_LEADING * (len(lines) - 1) + _ASCENT))
    if size < _MIN_SIZE:
        raise UnsupportedDocumentError(
            f"the visible seal's box is too small for its text: it would take letters of "
            f"{max(size, 0):.1f} points, expected at least {_MIN_SIZE:g}",
            field="visible",
        )
    return size


def _width(character: str) -> int:
    """Advance width in 1/1000 of the font size; an accent does not change a letter's."""
    index = ord(unicodedata.normalize("NFD", character)[0]) - ord(" ")
    return _ASCII_WIDTHS[index] if 0 <= index < len(_ASCII_WIDTHS) else _WIDE


def _encode(line: str) -> bytes:
    for character in line:
        try:
            printable = character.isprintable() and bool(character.encode(ENCODING))
        except UnicodeEncodeError:
            printable = False
        if not printable:
            raise UnsupportedDocumentError(
                f"the visible seal cannot show {character!r} (U+{ord(character):04X}): its font "
                "has Latin letters only; use an invisible seal",
                field="visible",
            )
    return line.encode(ENCODING)
