"""Which glyphs readers may take for a code of a TrueType font (ISO 32000-1 section 9.6.6.4)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

from eseal.documents.pdf.meaning.resources.fonts import encodings
from eseal.documents.pdf.meaning.resources.fonts.cmaps import Maps

_ASSUMED: Final = ("StandardEncoding", "WinAnsiEncoding", "MacRomanEncoding")
_PRIVATE: Final = (0, 0xF000, 0xF100, 0xF200)
"""Where symbol fonts keep their codes."""
_WINDOWS: Final = "WinAnsiEncoding"
_BY_CODE: Final = {(1, 0), (3, 0)}
"""Tables by code; all others are by Unicode."""
_KNOWN: Final = {(3, 1), *_BY_CODE}
_NONE: Final = 0
"""The glyph of what is not there."""


@dataclass(frozen=True)
class FontTraits:
    """What a font says of itself.

    Attributes:
        symbolic: that its characters are signs.
        roman: that they are letters.
        blank: that nothing is drawn for what is not there.
    """

    symbolic: bool
    roman: bool
    blank: bool


@dataclass(frozen=True)
class _Font:
    """A font, and the ways from its codes to glyphs."""

    encoding: Any
    tables: Maps
    names: Callable[[], Mapping[str, int]]
    traits: FontTraits

    @property
    def symbolic(self) -> bool:
        """Whether some readers go by codes."""
        return self.traits.symbolic or not self.traits.roman

    @property
    def roman(self) -> bool:
        """Whether some readers go by names."""
        return self.traits.roman or not self.traits.symbolic

    @cached_property
    def ways(self) -> Maps:
        """The tables, with what FreeType makes of the names of glyphs."""
        return with_names(self.tables, lambda: self.post)

    @cached_property
    def plain(self) -> bool:
        """Whether all readers go by the table for Windows, if it has what they look for."""
        last = next(reversed(self.tables), None)
        return not self.symbolic and last == (3, 1) and encodings.base_of(self.encoding) == _WINDOWS

    @cached_property
    def unusual(self) -> bool:
        """Whether it has no table for names: Firefox takes others by code, MuPDF goes by post."""
        return not self.tables.keys() & {(3, 1), (1, 0)}

    @cached_property
    def post(self) -> Mapping[str, int]:
        return self.names()

    def differs(self, code: int, names: AbstractSet[str | None]) -> bool:
        """Whether a code with these names leads to more than one glyph, or to none."""
        found = set[int]()
        if self.symbolic or self.unusual or self.encoding is None or None in names:
            found.update(self.by_code(code))
        if self.encoding is not None or self.roman or not self.tables.keys() & _BY_CODE:
            for each in names:
                found.update(self.by_name(each) if each else {_NONE})
        if found == {_NONE}:
            return not (self.traits.blank and encodings.is_control(code))
        return len(found) > 1

    def by_code(self, code: int) -> Iterator[int]:
        for key, table in self.ways.items():
            bases = _PRIVATE if key == (3, 0) else (0,)
            found = {table[each + code] for each in bases if table.get(each + code)}
            yield from found or {_NONE}

    def by_name(self, glyph: str) -> Iterator[int]:
        character, own = encodings.character_of(glyph), encodings.mac_code(glyph)
        for key, table in self.ways.items():
            if key not in _BY_CODE:
                yield table.get(ord(character), _NONE) if character else _NONE
        if (1, 0) in self.tables:
            found = _NONE if own is None else self.tables[1, 0].get(own, _NONE)
            if found or not self.plain:
                yield found
        if (self.symbolic or self.unusual) and glyph in self.post:
            yield self.post[glyph]
        if self.tables.keys() == {(3, 0)} and self.roman:
            yield _NONE  # the table is for symbols: Firefox looks no further
        elif not self.tables.keys() & _KNOWN:
            yield self.post.get(glyph, _NONE)  # PDFium takes no other table


def with_names(tables: Maps, names: Callable[[], Mapping[str, int]]) -> Maps:
    """The tables, and one for Windows made of a program's own names if it has none by Unicode.

    FreeType makes one, and PDFium and MuPDF take it for the program's.

    Args:
        tables: of the program.
        names: gives the glyphs that it has names for.
    """
    if tables.keys() - {(1, 0)}:
        return tables
    characters = {encodings.character_of(name): glyph for name, glyph in names().items()}
    made = {ord(character): glyph for character, glyph in characters.items() if character}
    return {**tables, (3, 1): made} if made else tables


def doubtful(
    encoding: Any, tables: Maps, names: Callable[[], Mapping[str, int]], traits: FontTraits
) -> frozenset[int]:
    """Codes that do not lead to one glyph in all the ways that readers go.

    A way that leads nowhere leads elsewhere.

    Args:
        encoding: of the font.
        tables: its program's maps of characters.
        names: gives the names of its program's glyphs.
        traits: what else decides.
    """
    font = _Font(encoding, tables, names, traits)
    readings = encodings.readings(encoding, _ASSUMED)
    return frozenset(
        code for code in range(256) if font.differs(code, {each.get(code) for each in readings})
    )
