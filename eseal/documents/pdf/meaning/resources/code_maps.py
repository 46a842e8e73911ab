"""Maps from codes to glyphs that a composite font brings along (ISO 32000-1 section 9.7.5.3).

Each reader has its own idea of the PostScript they are written in: what stands behind the end, in
other numbers, in codes of other lengths or in no range at all is 5678 in one, and 1234 in another.
"""

from __future__ import annotations

import re
from typing import Any, Final

from eseal.documents.pdf.meaning.values import whole

_COMMENT: Final = re.compile(rb"%[^\r\n]*")
_WORD: Final = (
    rb"(?:/[A-Za-z0-9+_.-]+|[0-9.]+|\([A-Za-z0-9+_ -]*\)|<<|>>|\[|\]"
    rb"|(?:begin|end|dict|dup|def|pop|findresource|defineresource|currentdict)(?![A-Za-z]))"
)
_WORDS: Final = rb"(?:\s*%b)*+\s*" % _WORD
_CODE: Final = rb"<([0-9A-Fa-f]{2}|[0-9A-Fa-f]{4})>"
_RANGE: Final = re.compile(rb"\s*%b\s*(?:%b\s*)?([0-9]{1,5})(?![0-9.#])" % (_CODE, _CODE))
_SECTION: Final = (
    rb"[0-9]+\s+begincidrange(?:\s*<[0-9A-Fa-f]+>\s*<[0-9A-Fa-f]+>\s*[0-9]+)*+\s*endcidrange"
    rb"|[0-9]+\s+begincidchar(?:\s*<[0-9A-Fa-f]+>\s*[0-9]+)*+\s*endcidchar"
)
_FORM: Final = re.compile(
    rb"%b\sbegincmap\s%b\s1\s+begincodespacerange\s*<(00|0000)>\s*<(ff|ffff)>\s*endcodespacerange"
    rb"((?:\s*(?:%b))*+)\s%b\sendcmap(?:\s%b)?" % (_WORDS, _WORDS, _SECTION, _WORDS, _WORDS),
    re.IGNORECASE,
)
_EACH: Final = re.compile(rb"([0-9]+)\s+begincid(range|char)([^a-z]*)endcid", re.IGNORECASE)
_MODE: Final = re.compile(rb"/WMode\s+(\S+)")


def is_plain(entries: Any, data: bytes) -> bool:
    """Whether all readers find one glyph for each code of one or of two bytes.

    Args:
        entries: of the map's stream.
        data: the map.
    """
    text = b" " + _COMMENT.sub(b" ", data) + b" "
    modes = {int(each) if each.isdigit() else -1 for each in _MODE.findall(text)} or {0}
    form = _FORM.fullmatch(text)
    if form is None or "/UseCMap" in entries or modes != {whole(entries.get("/WMode", 0))}:
        return False
    size = len(form[1])
    if len(form[2]) != size:
        return False
    ranges = []
    for count, kind, listed in _EACH.findall(form[3]):
        found = _RANGE.findall(listed)
        if len(found) != int(count) or any(bool(last) != (kind == b"range") for _, last, _ in found):
            return False
        if any(len(first) != size or len(last or first) != size for first, last, _ in found):
            return False
        ranges += [(int(first, 16), int(last or first, 16)) for first, last, _ in found]
    following = 0
    for first, last in sorted(ranges):
        if first != following or last < first:
            return False
        following = last + 1
    return following == 16**size
