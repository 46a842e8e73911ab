"""Small words beside a seal: whose place this is, and where its code leads.

Drawn as outlines, as impressions are: no viewer needs a font for them, in any language.
"""

from __future__ import annotations

from typing import Final

from eseal.documents.artwork import POINTS_PER_MM, Artwork
from eseal.documents.impressions.drawing.fonts import Fonts, Language, Style, language_of
from eseal.documents.impressions.drawing.output import artwork
from eseal.documents.impressions.drawing.paths import Colour, Drawing, Shape, polygon
from eseal.documents.impressions.drawing.text import measure, straight, straight_width

_GREY: Final = Colour(110, 110, 110)
_LETTERS_MM: Final = 2.4
"""Size of the words at a place: as small print on a form."""
_CODE_LETTERS_MM: Final = 1.5
"""The same under a code: still read on paper."""
_LINE_MM: Final = 0.15
_CORNER_MM: Final = 4.0
"""Length of the lines that mark a corner."""
_AIR: Final = 0.5
"""Millimetres between a code and its words."""


def place_mark(label: str, size: tuple[float, float], fonts: Fonts) -> Artwork:
    """What marks a place for a seal: its corners, and whose it is at its foot.

    Args:
        label: whose it is.
        size: of the place, millimetres.
        fonts: where letters are taken from.

    Raises:
        InvalidInputError: no font has one of its characters.
        ConfigurationError: no font can be had.
    """
    width, height = size
    shapes = [*_corners(width, height), *_words(label, width, _LETTERS_MM, fonts)]
    return artwork(Drawing(width, height, tuple(shapes)))


def with_words(art: Artwork, words: str, fonts: Fonts) -> Artwork:
    """A code with words under it.

    Args:
        art: the code.
        words: what stands under it.
        fonts: where letters are taken from.
    """
    foot = _CODE_LETTERS_MM + _AIR
    shapes = _words(words, art.width, _CODE_LETTERS_MM, fonts)
    under = artwork(Drawing(art.width, art.height + foot, tuple(shapes)))
    lift = foot * POINTS_PER_MM
    content = b"q 1 0 0 1 0 %.4f cm\n%b\nQ\n%b" % (lift, art.content, under.content)
    return Artwork(art.width, art.height + foot, content, art.pictures)


def _words(words: str, width: float, size: float, fonts: Fonts) -> list[Shape]:
    """One line in the middle, narrower letters where it would be too long."""
    language = language_of(words)
    style = Style.NUMBER if language is Language.LATIN else Style.NAME
    line = measure(words, fonts.face(words, language, style))
    em = min(size, size * width / max(straight_width(line, size, 1.0, 0.0), 0.01))
    marks = straight("code", line, (width / 2, size / 2), em, 1.0, 0.0)
    return [mark.shape(_GREY) for mark in marks]


def _corners(width: float, height: float) -> list[Shape]:
    half, long = _LINE_MM / 2, min(_CORNER_MM, width / 3, height / 3)
    found = []
    for x, across in ((half, long), (width - half, -long)):
        for y, up in ((half, long), (height - half, -long)):
            for corner in ((x + across, y + half), (x + half, y + up)):
                left, right = sorted((x - half, corner[0]))
                low, high = sorted((y - half, corner[1]))
                found.append(
                    Shape(
                        polygon([(left, low), (right, low), (right, high), (left, high)]),
                        fill=_GREY,
                    )
                )
    return found
