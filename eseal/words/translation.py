"""Sentences that are made in English, told in the reader's language.

Notes of a seal and details of a check are made where documents are read: in processes that open no
files, and from which nothing but words comes back. The catalogue holds the English sentence itself,
with places for its values, and is found by it. One that is not there stays in English.

Who wrote a document has written some of these values, too. He can choose what is told in which
words, and nothing else: every value stays as it was, or is itself found in the same way.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Final

from eseal.words.catalogue import Words, section_of
from eseal.words.language import Language

if TYPE_CHECKING:
    from collections.abc import Mapping

_NUMBER: Final = r"-?\d+"
_QUOTED: Final = r"'(?:[^'\\]|\\.)*'" + r'|"(?:[^"\\]|\\.)*"'
_HEX: Final = r"[0-9a-f]+"
_ADDRESS: Final = r"0x[0-9a-fA-F]{40}"
_MOMENT: Final = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ"
_LOWER: Final = r"[a-z ]+"
_KINDS: Final = {
    **dict.fromkeys(("page", "count", "others", "index", "block", "number", "size"), _NUMBER),
    **dict.fromkeys(("x", "y", "width", "height", "witnesses", "all", "needed"), _NUMBER),
    **dict.fromkeys(("label", "printed"), _QUOTED),
    **dict.fromkeys(("address", "own_address"), _ADDRESS),
    "what_contract": r"[A-Za-z]+",
    **dict.fromkeys(("hex", "got", "third"), _HEX),
    "identifier": r"[A-Z]{5}-[0-9A-Z]+",
    **dict.fromkeys(("start", "end"), _MOMENT),
    **dict.fromkeys(("what", "plain_state", "reason"), _LOWER),
    **dict.fromkeys(("state", "later_state"), r"[a-z ]+(?: \([a-z ]+\))?"),
    **dict.fromkeys(("type", "got_type"), r"[!-~]+/[!-~]+"),
    "at": rf"page {_NUMBER} at {_NUMBER}, {_NUMBER} mm",
    "member": r"[a-z_.]+",
    "where": r"(?:[^()]|\([^()]*\))*",
}
"""What stands in a place of this name. So a text fits in one way only, and is found in a time that
grows with its length alone: there is at most one place where anything may stand."""
_VERBATIM: Final = frozenset({"label", "printed"})
"""Quoted from the document."""
_PLACE: Final = re.compile(r"\{([a-z_]+)\}")
_PARTS: Final = "parts."
"""Of a section: texts that stand in places of others."""
_JOINS: Final = ("; ", ", ")
_MOST_CHARS: Final = 4000
_MOST_PIECES: Final = 60
"""What is longer, or a longer list, is some document's doing: it stays as it is."""


def translated(text: str, section: str, words: Words) -> str:
    """A sentence in the reader's language; as it is where the catalogue does not hold it.

    Args:
        text: in English.
        section: of the catalogue.
        words: the catalogue in the reader's language.
    """
    if words.language is Language.EN or len(text) > _MOST_CHARS:
        return text
    return _told(text, section, words, parts=False)


def _told(text: str, section: str, words: Words, *, parts: bool) -> str:
    for key, pattern in _patterns(section, parts=parts).items():
        if match := pattern.fullmatch(text):
            values = {
                name: _value(name, value, section, words)
                for name, value in match.groupdict().items()
            }
            return words(f"{section}.{key}", **values)
    return text


def _value(name: str, text: str, section: str, words: Words) -> str:
    """What stands in a place: a part with words of its own, several of them, or just itself."""
    if name == "hazard":
        return words(f"hazards.{_hazards()[text]}.sentence").rstrip("。")
    if name in _VERBATIM:
        return text
    whole = _told(text, section, words, parts=True)
    for join in _JOINS if whole == text else ():
        pieces = text.split(join)
        if 1 < len(pieces) <= _MOST_PIECES:
            return join.join(_value("", piece, section, words) for piece in pieces)
    return whole


@cache
def _patterns(section: str, *, parts: bool) -> Mapping[str, re.Pattern[str]]:
    """The English texts of a section, whole ones or parts, as patterns of what is made of them."""
    return {
        key: _pattern(text)
        for key, text in section_of(Language.EN, section).items()
        if key.startswith(_PARTS) == parts
    }


def _pattern(text: str) -> re.Pattern[str]:
    parts = _PLACE.split(text)
    for index, part in enumerate(parts):
        if index % 2 == 0:
            parts[index] = re.escape(part)
        else:
            kind = "|".join(map(re.escape, _hazards())) if part == "hazard" else _KINDS.get(part)
            parts[index] = f"(?P<{part}>{kind or '.+'})"
    return re.compile("".join(parts), re.DOTALL)


@cache
def _hazards() -> Mapping[str, str]:
    """The codes of hazards by their sentences as parts of another."""
    found = {
        key.partition(".")[0]: text
        for key, text in section_of(Language.EN, "hazards").items()
        if key.endswith(".sentence")
    }
    return {text[0].lower() + text[1:].removesuffix("."): code for code, text in found.items()}
