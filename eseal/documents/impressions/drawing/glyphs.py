"""Glyphs as outlines, taken from an OpenType font.

A glyph is drawn as a filled path: no font program comes into the document, only the outlines used,
and every viewer shows the same.
"""

from __future__ import annotations

import mmap
import threading
import unicodedata
from dataclasses import dataclass
from pathlib import Path as File
from typing import Any, Final

from fontTools.pens.basePen import BasePen  # type: ignore[import-untyped]  # it has no type hints
from fontTools.ttLib import TTFont, TTLibError  # type: ignore[import-untyped]  # it has no type hints

from eseal.documents.impressions.drawing.paths import Box, Path, Point
from eseal.errors import ConfigurationError

_NOTDEF: Final = ".notdef"
SPACE_WIDTH: Final = 0.3
"""Of the em: the gap between words of a seal, a little wider than in running text."""


@dataclass(frozen=True, slots=True)
class Glyph:
    """A character's form; lengths in ems, the origin on the baseline.

    Attributes:
        character: what it shows.
        path: its outline; empty of a space.
        advance: the font's own width of it.
        bounds: the box around the outline; ``None`` of a space.
    """

    character: str
    path: Path
    advance: float
    bounds: Box | None


class Face:
    """One face of a font. Safe to use from several threads.

    Attributes:
        name: its full name, for messages.
    """

    def __init__(self, font: TTFont) -> None:
        self._units = font["head"].unitsPerEm
        self._characters: dict[int, str] = font.getBestCmap()
        self._glyphs = font.getGlyphSet()
        self.name: str = font["name"].getDebugName(4) or "without a name"
        self._kept: dict[str, Glyph] = {}
        self._lock = threading.Lock()

    @classmethod
    def open(cls, path: File, number: int = 0) -> Face:
        """The face in a file, or the one of this number in a collection.

        Raises:
            ConfigurationError: the file cannot be read or is not an OpenType font.
        """
        try:
            # Mapped: some 20 MB, of which a name needs a few pages.
            with path.open("rb") as file:
                mapped = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
            return cls(TTFont(mapped, fontNumber=number, lazy=True))
        except OSError as error:
            raise ConfigurationError(
                f"the font {path} cannot be read ({error.strerror or error}): let ESEAL_FONT name "
                "an OpenType font file"
            ) from None
        except (
            TTLibError,
            LookupError,
            AssertionError,
            AttributeError,
            TypeError,
            ValueError,
        ) as error:
            raise ConfigurationError(
                f"{path}: expected an OpenType font (.otf, .ttf, .ttc), got something else "
                f"({error}): let ESEAL_FONT name another"
            ) from None

    def missing(self, text: str) -> list[str]:
        """The characters of ``text`` this face cannot show, each once."""
        return [c for c in dict.fromkeys(text) if not _blank(c) and not self._has(c)]

    def glyph(self, character: str) -> Glyph:
        """The form of a character the face has.

        Raises:
            KeyError: it has not: ask :meth:`missing` first.
        """
        with self._lock:
            if character not in self._kept:
                self._kept[character] = self._draw(character)
            return self._kept[character]

    def _has(self, character: str) -> bool:
        # A glyph that draws nothing would leave a hole in the name: as bad as a box.
        named = self._glyph_name(character) is not None
        return named and self.glyph(character).bounds is not None

    def _glyph_name(self, character: str) -> str | None:
        name = self._characters.get(ord(character))
        return None if name == _NOTDEF else name

    def _draw(self, character: str) -> Glyph:
        if _blank(character):
            return Glyph(character, Path(()), SPACE_WIDTH, None)
        name = self._glyph_name(character)
        if name is None:
            raise KeyError(character)
        drawn = self._glyphs[name]
        pen = _Pen(self._glyphs, 1 / self._units)
        drawn.draw(pen)
        path = Path(tuple(pen.segments))
        return Glyph(character, path, drawn.width / self._units, path.bounds())


class _Pen(BasePen):  # type: ignore[misc]  # fontTools has no types
    """Collects an outline in ems; the base class makes cubic curves of quadratic ones."""

    def __init__(self, glyphs: Any, scale: float) -> None:
        super().__init__(glyphs)
        self._scale = scale
        self.segments: list[tuple[str, tuple[Point, ...]]] = []

    def _add(self, operator: str, *points: Point) -> None:
        scaled = tuple((x * self._scale, y * self._scale) for x, y in points)
        self.segments.append((operator, scaled))

    def _moveTo(self, point: Point) -> None:  # noqa: N802  # fontTools' name
        self._add("M", point)

    def _lineTo(self, point: Point) -> None:  # noqa: N802
        self._add("L", point)

    def _curveToOne(self, one: Point, two: Point, end: Point) -> None:  # noqa: N802
        self._add("C", one, two, end)

    def _closePath(self) -> None:  # noqa: N802
        self._add("Z")

    def _endPath(self) -> None:  # noqa: N802
        self._add("Z")


def _blank(character: str) -> bool:
    return unicodedata.category(character) == "Zs"
