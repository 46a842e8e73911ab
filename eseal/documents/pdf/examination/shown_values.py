"""Whether a form field shows what it holds (ISO 32000-1 section 12.7.4)."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from typing import Any, Final

import pikepdf

from eseal.documents.pdf.examination.graph import Graph, StreamEntries, is_string, kind, text

_PUSH_BUTTON: Final = 1 << 16
"""Table 226: it holds no value."""
_PASSWORD: Final = 1 << 13
"""Table 228: such a field shows stars."""
_COMBO: Final = 1 << 17
"""Table 230: a choice that shows what was chosen, and not the list."""
_NUMBER: Final = re.compile(r"\s*[-+\u2212(]?[^\w.,]*[0-9][0-9.,'\s]*[^\w.,]*-?\)?[^\w.,]*")
"""Digits with a sign and marks between them, and a currency sign at one end."""
_WITH_POINT: Final = re.compile(r"([0-9]*|[0-9]{1,3}(?:,[0-9]{3})+)(?:\.([0-9]*))?")
_WITH_COMMA: Final = re.compile(r"([0-9]*|[0-9]{1,3}(?:\.[0-9]{3})+)(?:,([0-9]*))?")
_MARK: Final = re.compile(r"[-+(),.]")
_PAIR: Final = 2
"""Table 231: what is exported for an option, and what is shown."""
_OFF: Final = "/Off"
_BYTES_A_STEP: Final = 8
"""Of an appearance, read in the time of a step."""
_SHOWN: Final = re.compile(rb"\((?:[^()\\]|\\[\s\S])*\)|<[0-9A-Fa-f\s]*>")
_SHOWN_OPERATOR: Final = re.compile(rb"(?:^|[\s)>\]])(?:Tj|TJ|'|\")(?![^\s(<\[/])")
_INVISIBLE: Final = re.compile(rb"(?<!\S)[37]\s+Tr(?!\S)")
"""Ways of showing text that paint nothing (table 106)."""
_SIMPLE_ENCODINGS: Final = frozenset({"", "WinAnsiEncoding", "StandardEncoding", "MacRomanEncoding",
                                      "PDFDocEncoding"})  # fmt: skip


def is_filled(graph: Graph, field: dict[str, Any]) -> bool:
    """Whether it holds a value; an unticked box holds ``/Off``, a button to push none."""
    value = graph.inherited(field, "/V")
    return value not in (None, "u:", "b:", _OFF, []) and not _is_push_button(graph, field)


def leaves_drawing(graph: Graph, form: dict[str, Any], field: dict[str, Any]) -> bool:
    """Whether a filled field has no look, or has to be drawn anew and nobody knows how.

    Viewers draw such fields each in its own way, and some not at all.
    """
    if not is_filled(graph, field):
        return False
    look = graph.entry(field.get("/AP"), "/N")
    if graph.inherited(field, "/FT") == "/Btn":
        return not isinstance(look, dict)  # a look of several, which are not drawn anew
    if not isinstance(look, StreamEntries):
        return True
    redrawn = graph.resolve(form.get("/NeedAppearances")) is True
    unread = _is_shown_otherwise(graph, field) or _shown(graph, form, field) is None
    return redrawn and unread


def differs(graph: Graph, form: dict[str, Any], field: dict[str, Any]) -> bool | None:
    """Whether a field shows another value than it holds; ``None`` if its look cannot be read."""
    match graph.inherited(field, "/FT"):
        case "/Btn":
            return _is_ticked_otherwise(graph, field)
        case "/Tx" | "/Ch":
            if not _is_text(graph.inherited(field, "/V")):
                return True  # a name or a stream: readers take it for a text, or for none
            value = _value(graph, field)
            if not value or _is_shown_otherwise(graph, field):
                return False
            shown = _shown(graph, form, field)
            return None if shown is None else not _says(shown, value)
        case _:
            return False


def is_said(graph: Graph, field: dict[str, Any], printed: str, seen: str) -> bool:
    """Whether what a field of text adds to what is printed there says its value, no less or more.

    Args:
        graph: the document.
        field: the field.
        printed: what stands in its place on the page.
        seen: what is seen there with the field.
    """
    return says(printed, seen, _value(graph, field) or "")


def says(printed: str, seen: str, held: str) -> bool:
    """The same of a text that a field holds."""
    value, shown = letters(held), letters(seen)
    if Counter(shown) - Counter(letters(printed)) != Counter(value):
        return False
    if any(map(str.isdigit, value)) and _marks(seen) - _marks(printed) != _marks(held):
        return False
    if any(unicodedata.bidirectional(letter) in {"R", "AL"} for letter in value):
        return True  # words stand in their own order
    return value in shown


def _is_push_button(graph: Graph, field: dict[str, Any]) -> bool:
    flags = graph.inherited(field, "/Ff") if graph.inherited(field, "/FT") == "/Btn" else 0
    return isinstance(flags, int) and bool(flags & _PUSH_BUTTON)


def _is_ticked_otherwise(graph: Graph, field: dict[str, Any]) -> bool:
    """A box or a button of several shows the look that ``/AS`` names (section 12.5.5)."""
    looks = graph.entry(field.get("/AP"), "/N")
    if (
        isinstance(looks, StreamEntries)
        or not isinstance(looks, dict)
        or _is_push_button(graph, field)
    ):
        return False
    value = graph.inherited(field, "/V")
    state = graph.resolve(field.get("/AS")) or _OFF
    if state not in looks and state != _OFF:
        return True  # a state without a look: viewers choose another
    should = value if value in looks else _OFF
    return bool(state != should)


def _value(graph: Graph, field: dict[str, Any]) -> str | None:
    """The text a field of one line holds: of a choice, the words that stand for it."""
    value = graph.inherited(field, "/V")
    if not is_string(value):
        return None
    for option in graph.array(graph.inherited(field, "/Opt")):
        pair = [graph.resolve(each) for each in graph.array(option)]
        if len(pair) == _PAIR and pair[0] == value and is_string(pair[1]):
            return text(pair[1])
    return text(value)


def _is_shown_otherwise(graph: Graph, field: dict[str, Any]) -> bool:
    """Whether a field shows a list, or stars."""
    flags = graph.inherited(field, "/Ff")
    flags = flags if isinstance(flags, int) else 0
    is_list = graph.inherited(field, "/FT") == "/Ch" and not flags & _COMBO
    return is_list or bool(flags & _PASSWORD)


def _shown(graph: Graph, form: dict[str, Any], field: dict[str, Any]) -> str | None:
    """The text a field's look draws; ``None`` if it cannot be read for certain."""
    look = graph.dictionary(field.get("/AP")).get("/N")
    entries = graph.resolve(look)
    if not isinstance(entries, StreamEntries):
        return None
    fonts = [
        *graph.dictionary(graph.entry(entries.get("/Resources"), "/Font")).values(),
        *graph.dictionary(graph.entry(form.get("/DR"), "/Font")).values(),
    ]
    if not fonts or not all(_is_simple(graph, graph.dictionary(font)) for font in fonts):
        return None
    content = graph.decoded(look)
    graph.effort.spend(len(content) // _BYTES_A_STEP)
    return drawn_text(content)


def _is_simple(graph: Graph, font: dict[str, Any]) -> bool:
    encoding = graph.resolve(font.get("/Encoding"))
    if isinstance(encoding, dict):
        return not graph.array(encoding.get("/Differences")) or (
            kind(font) == "Font" and "/FontDescriptor" not in font
        )
    return kind(font, "/Subtype") in {"Type1", "TrueType"} and (
        str(encoding or "").removeprefix("/") in _SIMPLE_ENCODINGS
    )


def drawn_text(content: bytes) -> str | None:
    """The text a content stream shows, in its order; ``None`` if it draws in other ways, too."""
    if re.search(rb"[\s\]>]Do(?!\S)", content):
        return None
    if _INVISIBLE.search(content):
        return ""
    if not _SHOWN_OPERATOR.search(content):
        return ""
    strings = (bytes(pikepdf.Object.parse(match[0])) for match in _SHOWN.finditer(content))
    return "".join(each.decode("cp1252", "replace") for each in strings)


def _is_text(value: object) -> bool:
    return value is None or is_string(value) or isinstance(value, list)


def _says(shown: str, value: str) -> bool:
    """Whether a text says what a value says: letters and digits, and of numbers how much."""
    if letters(value) != letters(shown):
        return False
    one, other = _amounts(value), _amounts(shown)
    return not one or not other or not one.isdisjoint(other)


def _amounts(text: str) -> set[str]:
    """What a number can mean, whichever mark is the decimal one; nothing for other texts."""
    if not _NUMBER.fullmatch(text):
        return set()
    sign = "-" if re.search(r"[-\u2212(]", text) else ""
    plain = re.sub(r"[^0-9.,]", "", text)
    found = set()
    for pattern, groups in ((_WITH_POINT, ","), (_WITH_COMMA, ".")):
        if match := pattern.fullmatch(plain):
            whole = match[1].replace(groups, "").lstrip("0")
            found.add(f"{sign}{whole}.{(match[2] or '').rstrip('0')}")
    return found


def _marks(value: str) -> Counter[str]:
    """What makes a number another one."""
    return Counter(_MARK.findall(unicodedata.normalize("NFKC", value).replace("\u2212", "-")))


def letters(value: str) -> str:
    """The letters and digits of a text, without what tells them apart by looks only."""
    folded = unicodedata.normalize("NFKC", value).casefold()
    return "".join(letter for letter in folded if letter.isalnum())
