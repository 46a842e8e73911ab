"""Where the letters come from: fonts with Chinese and Japanese, under the SIL Open Font License.

They are looked for in this order: the file ``ESEAL_FONT`` names; the installed font packages;
Debian's ``fonts-noto-cjk``. Names are set in a serif face (宋体), as on seals cut to the rules; the
numbers of a seal in a sans serif.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

from eseal.errors import ConfigurationError, InvalidInputError

if TYPE_CHECKING:
    from eseal.documents.impressions.drawing.glyphs import Face

_PACKAGES: Final = {"zh": "pylopdf_fonts_zh_cn", "ja": "pylopdf_fonts_jp"}
_PACKAGED: Final = {"zh": "Noto{style}SC-Regular.otf", "ja": "Noto{style}JP-Regular.otf"}
_DEBIAN: Final = Path("/usr/share/fonts/opentype/noto")
_DEBIAN_FILE: Final = "Noto{style}CJK-Regular.ttc"
_DEBIAN_FACE: Final = {"ja": 0, "zh": 2}
"""The order in the Noto CJK collections: JP, KR, SC, TC, HK."""
_ADVICE: Final = (
    "install the packages pylopdf-fonts-zh-cn and pylopdf-fonts-jp (Python) or fonts-noto-cjk "
    "(Debian), or let ESEAL_FONT name an OpenType font file"
)


class Language(StrEnum):
    """What a name is written in: it decides on the forms of characters and on the words beside."""

    CHINESE = "zh"
    JAPANESE = "ja"
    LATIN = "en"


class Style(StrEnum):
    """The two faces of a seal."""

    NAME = "Serif"
    NUMBER = "Sans"


@dataclass(frozen=True, slots=True)
class Fonts:
    """The fonts to take glyphs from.

    Attributes:
        chosen: the one font file to use, or ``None`` for those installed.
    """

    chosen: Path | None = None

    def face(self, text: str, language: Language, style: Style = Style.NAME) -> Face:
        """The first face that has every character of ``text``.

        Raises:
            InvalidInputError: none has; names the first character missing and its code point.
            ConfigurationError: no font can be had; says what to install.
        """
        first: Face | None = None
        for face in self._faces(language, style):
            if not face.missing(text):
                return face
            first = first or face
        if first is None:
            raise ConfigurationError(f"no font with Chinese and Japanese was found: {_ADVICE}")
        missing = first.missing(text)[0]
        raise InvalidInputError(
            f"the font {first.name} has no glyph for {missing!r} (U+{ord(missing):04X}) in "
            f"{text!r}: write it otherwise, or let ESEAL_FONT name a font that has it",
            field="impression",
        )

    def _faces(self, language: Language, style: Style) -> Iterator[Face]:
        if self.chosen is not None:
            yield _load(self.chosen, 0)
            return
        order = ("ja", "zh") if language is Language.JAPANESE else ("zh", "ja")
        for code in order:
            path = _packaged(_PACKAGES[code], _PACKAGED[code].format(style=f"{style}"))
            if path is not None:
                yield _load(path, 0)
        collection = _DEBIAN / _DEBIAN_FILE.format(style=f"{style}")
        if collection.is_file():
            yield _load(collection, _DEBIAN_FACE[order[0]])


def language_of(name: str) -> Language:
    """What a name is written in, as far as its characters tell.

    Japanese where there is kana, or the Japanese word for a company; Latin where there is neither
    kana nor a Chinese character; else Chinese.
    """
    if any("\u3041" <= c <= "\u30ff" for c in name) or "会社" in name:
        return Language.JAPANESE
    return Language.CHINESE if any(c >= "\u2e80" for c in name) else Language.LATIN


@lru_cache(maxsize=8)
def _load(path: Path, number: int) -> Face:
    from eseal.documents.impressions.drawing.glyphs import Face

    return Face.open(path, number)


@lru_cache(maxsize=8)
def _packaged(package: str, file: str) -> Path | None:
    found = importlib.util.find_spec(package)
    for place in (found and found.submodule_search_locations) or ():
        path = Path(place) / file
        if path.is_file():
            return path
    return None
