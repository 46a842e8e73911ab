"""What a program whose glyphs have names says of itself (ISO 32000-1 section 9.6.6.2)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from io import BytesIO
from itertools import chain
from typing import Any, Final

from eseal.documents.pdf.meaning.resources.fonts import encodings
from eseal.documents.pdf.opening.opening import guarded
from eseal.errors import UnsupportedDocumentError

NOTDEF: Final = ".notdef"
_TABLES: Final = b"OTTO"
_DRAWS_NOTHING: Final = re.compile(
    rb"(?:[\x20-\xf6]|[\xf7-\xfe].|\x1c..|\xff....)*+(?:\r|\x0c\x07)?\x0e", re.DOTALL
)
"""Numbers, maybe a width, and the end."""

_EXPERT: Final = (
    *((32, 34), (36, 63), (65, 69), (73, 73), (76, 79), (82, 84), (86, 91), (93, 126), (161, 163)),
    *((166, 170), (172, 172), (175, 175), (178, 179), (182, 184), (188, 197), (200, 255)),
)
"""Codes of the Expert encoding: its glyphs are those of the Expert charset, in order."""


@dataclass(frozen=True)
class Program:
    """The glyphs of a program.

    Attributes:
        glyphs: their names, but ``.notdef``.
        codes: the names of glyphs in its own encoding, by code; ``None`` where readers may take
            one encoding or another.
        is_blank: whether ``.notdef`` draws nothing.
        unclear: names of glyphs that readers may draw in two ways.
        anew: the program written anew, if it is of Type 1.
    """

    glyphs: frozenset[str]
    codes: Mapping[int, str] | None
    is_blank: bool
    unclear: frozenset[str] = frozenset()
    anew: bytes = b""

    @classmethod
    def of(
        cls,
        names: Iterable[str],
        codes: Mapping[int, str] | None,
        notdef: bytes,
        unclear: Iterable[str] = (),
        anew: bytes = b"",
    ) -> Program:
        """A program with glyphs of these names; what its encoding names besides is not there."""
        glyphs = frozenset(names) - {NOTDEF}
        if codes is not None:
            codes = {code: glyph for code, glyph in codes.items() if glyph in glyphs}
        is_blank = _DRAWS_NOTHING.fullmatch(notdef) is not None
        return cls(glyphs, codes, is_blank, frozenset(unclear), anew)

    def is_one(self, code: int, readings: Iterable[Mapping[int, str]]) -> bool:
        """Whether a code leads to one glyph, or to none, in all of these encodings.

        Where one leads to none, some readers go by the program's own encoding, by another name of
        the character, or draw what they take the code for: only names that all know lead to none.
        """
        found: set[str] = set()
        for names in readings:
            glyph = names.get(code, "")
            if glyph in self.unclear:
                return False
            if glyph in self.glyphs:
                found.add(glyph)
                continue
            if self.codes is None or not self._is_nowhere(code, glyph):
                return False
            found |= {"", self.codes.get(code, "")}
        return len(found) == 1

    def _is_nowhere(self, code: int, glyph: str) -> bool:
        """Whether a name the program does not have leads to no glyph for any reader."""
        if glyph in {"", NOTDEF}:
            return self.is_blank and encodings.is_control(code)
        character = encodings.character_of(glyph)
        return encodings.is_usual(glyph) and character not in self._characters

    @cached_property
    def _characters(self) -> frozenset[str]:
        return frozenset(map(encodings.character_of, self.glyphs))


def cff(data: bytes) -> Program | None:
    """A CFF program, in tables or bare; ``None`` if it names no glyphs, or cannot be read."""
    from fontTools.cffLib import cffISOAdobeStrings  # type: ignore[import-untyped]

    with (
        suppress(UnsupportedDocumentError),
        guarded(UnsupportedDocumentError, "its names are broken"),
    ):
        top, glyphs = _read(data)
        names = getattr(top, "charset", cffISOAdobeStrings[: len(glyphs)])
        if hasattr(top, "ROS") or len({*names}) != len(glyphs):
            return None
        own = getattr(top, "Encoding", "StandardEncoding")
        codes = _predefined(own) if isinstance(own, str) else dict(enumerate(own))
        # With tables, readers may go by those of characters.
        known = None if data.startswith(_TABLES) else codes
        return Program.of(names, known, glyphs[0])
    return None


def numbers(data: bytes) -> Sequence[int]:
    """The numbers of all glyphs of a CFF program, in tables or bare; of a bare one with CIDs these.

    Raises:
        UnsupportedDocumentError: it is broken.
    """
    with guarded(UnsupportedDocumentError, "its glyphs cannot be found"):
        top, glyphs = _read(data)
        if data.startswith(_TABLES) or not hasattr(top, "ROS"):
            return range(len(glyphs))
        return [0, *(int(name.removeprefix("cid")) for name in top.charset[1:])]


def _read(data: bytes) -> tuple[Any, list[bytes]]:
    """What the one font of a CFF program, in tables or bare, says of itself; and its glyphs.

    Raises:
        Exception: it is broken, or has other fonts.
    """
    from fontTools.cffLib import CFFFontSet, Index
    from fontTools.ttLib import TTFont  # type: ignore[import-untyped]

    held = CFFFontSet()
    bare = not data.startswith(_TABLES)
    file = BytesIO(data if bare else TTFont(BytesIO(data), lazy=True).getTableData("CFF "))
    held.decompile(file, None)
    (top,) = held.topDictIndex
    file.seek(top.rawDict["CharStrings"])
    return top, [*Index(file, isCFF2=False)]


def _predefined(own: str) -> Mapping[int, str]:
    """An encoding of the standard's (Adobe technical note 5176, appendix B)."""
    from fontTools.cffLib import cffIExpertStrings

    if own != "ExpertEncoding":
        return encodings.base(own)
    codes = chain.from_iterable(range(first, last + 1) for first, last in _EXPERT)
    return dict(zip(codes, cffIExpertStrings[1:], strict=True))
