"""Maps from codes to glyphs that a composite font brings along (ISO 32000-1 section 9.7.5.3).

Each reader has its own idea of the PostScript they are written in: what stands behind the end, in
other numbers, in codes of other lengths or in no range at all is 5678 in one, and 1234 in another.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from eseal.documents.pdf.meaning.desk.values import whole

_COMMENT: Final = re.compile(rb"%[^\r\n]*")
_BLANK: Final = rb"[ \t\r\n]"
_WORD: Final = (
    rb"(?:/[A-Za-z0-9+_.-]++|[0-9.]++|\([A-Za-z0-9+_ -]*+\)|<<|>>|\[|\]|(?:begin|end|dict|dup|def|"
    rb"pop|findresource|defineresource|currentdict|CMapName)(?![^ \t\r\n/<>()\[\]]))"
)
_WORDS: Final = rb"(?:%b*+%b)*+%b*+" % (_BLANK, _WORD, _BLANK)
_ITEMS: Final = rb"(?:%b*+(?:<[0-9A-Fa-f]++>|[0-9]++))*+%b*+" % (_BLANK, _BLANK)
_SECTION: Final = rb"[0-9]++%b++begincid(?:range|char)%b(?<=[ \t\r\n>])endcid(?:range|char)"
_FORM: Final = re.compile(
    rb"%b(?<=[ \t\r\n])begincmap(%b)(?<=[ \t\r\n])begincodespacerange%b*+<([0-9A-Fa-f]+)>%b*+"
    rb"<([0-9A-Fa-f]+)>%b*+endcodespacerange((?:%b++%b)*+)%b++endcmap(?![^ \t\r\n])%b"
    % (_WORDS, _WORDS, *[_BLANK] * 4, _SECTION % (_BLANK, _ITEMS), _BLANK, _WORDS)
)
_EACH: Final = re.compile(rb"([0-9]+)\s+begincid(range|char)(.*?)endcid(range|char)", re.DOTALL)
_CODE: Final = rb"<([0-9A-Fa-f]{2,4})>"
_RANGE: Final = re.compile(rb"\s*%b\s*%b\s*([0-9]{1,5})(?=\s)" % (_CODE, _CODE))
_CHAR: Final = re.compile(rb"\s*%b()\s*([0-9]{1,5})(?=\s)" % _CODE)
_MODE: Final = re.compile(rb"/WMode\s+(\S+)")
_DIGITS: Final = {2, 4}
"""Of a code."""
_LAST: Final = 0xFFFF


def read(entries: Any, data: bytes) -> tuple[int, Mapping[int, int]] | None:
    """The length of its codes, bytes, and the glyph of each; ``None`` if readers may differ.

    Args:
        entries: of the map's stream.
        data: the map.
    """
    text = b" " + _COMMENT.sub(b" ", data) + b" "
    form = _FORM.fullmatch(text)
    modes = {whole(entries.get("/WMode", 0)), *map(_mode, _MODE.findall(text) or [b"0"])}
    if form is None or "/UseCMap" in entries or len(modes) > 1 or None in modes:
        return None
    head, low, high, sections = form.groups()
    size = len(low) // 2
    if head.split()[-1:] != [b"1"] or len(low) != len(high) or len(low) not in _DIGITS:
        return None
    glyphs = _listed(sections, len(low))
    if glyphs is None:
        return None
    spans = [*zip(bytes.fromhex(low.decode()), bytes.fromhex(high.decode()), strict=True)]
    return size, {
        code: glyph
        for code, glyph in glyphs.items()
        if all(a <= byte <= b for byte, (a, b) in zip(code.to_bytes(size), spans, strict=True))
    }


def _mode(told: bytes) -> int | None:
    return int(told) if told in {b"0", b"1"} else None


def _listed(sections: bytes, digits: int) -> dict[int, int] | None:
    """The glyphs of codes of so many digits; ``None`` if one has two, or something is odd."""
    found: dict[int, int] = {}
    for count, kind, listed, end in _EACH.findall(sections):
        form = _RANGE if kind == b"range" else _CHAR
        told = form.findall(listed)
        if kind != end or len(told) != int(count) or form.sub(b"", listed).strip():
            return None
        for first, last, glyph in told:
            codes = range(int(first, 16), int(last or first, 16) + 1)
            before = len(found)
            if {len(first), len(last or first)} != {digits} or not codes:
                return None
            found.update(zip(codes, range(int(glyph), int(glyph) + len(codes)), strict=True))
            if len(found) != before + len(codes) or found[codes[-1]] > _LAST:
                return None
    return found
