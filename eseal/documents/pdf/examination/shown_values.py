"""Whether a form field shows what it holds (ISO 32000-1 section 12.7.4)."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from typing import Any, Final

from eseal.documents.pdf.examination.graph import Graph, StreamEntries, is_string, text
from eseal.documents.viewer.lines import EVEN

_PUSH_BUTTON: Final = 1 << 16
"""Table 226: it holds no value."""
_NUMBER: Final = re.compile(r"\s*[-+\u2212(]?[^\w.,]*[0-9][0-9.,]*[^\w.,]*-?\)?[^\w.,]*")
"""Digits with a sign and marks between them, and a currency sign at one end."""
_WITH_POINT: Final = re.compile(r"([0-9]*|[0-9]{1,3}(?:,[0-9]{3})+)(?:\.([0-9]*))?")
_WITH_COMMA: Final = re.compile(r"([0-9]*|[0-9]{1,3}(?:\.[0-9]{3})+)(?:,([0-9]*))?")
_DIGITS: Final = re.compile(r"\d+")
_GAPS: Final = re.compile(r"(?<=\d)\D*(?=\d)")
_THREES: Final = re.compile(r"(?<!\d)\d{1,3}(?:[ \t'\u2019]\d{3})+(?!\d)")
"""Digits in groups."""
_BROKEN: Final = re.compile(r"(?<=\d{15})\s*[\r\n]\s*(?=\d)")
"""A line broken in digits that are too many to be a number by themselves."""
_MARKS: Final = frozenset("-+(),.\u2212")
_SIGNS: Final = frozenset({"Sc", "Sm", "So"})
_SIGNS_BESIDE: Final = frozenset("/%\u2030:*#&@^\xa7")
"""What makes of an amount, a date or a share another one: $ 5, 5 %, 1/2, > 5."""
_CURRENCY: Final = "Sc"
_MEANT: Final = ("<super>", "<sub>", "<fraction>", "<circle>", "<square>")
"""Forms of letters and digits that are no matter of looks: 10\xb2 is not 102."""
_PAIR: Final = 2
"""Table 231: what is exported for an option, and what is shown."""
_OFF: Final = "/Off"


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
    redrawn = graph.resolve(form.get("/NeedAppearances")) is True
    return redrawn or not isinstance(look, StreamEntries)


def differs(graph: Graph, field: dict[str, Any]) -> bool:
    """Whether a button is in another state than it shows, or a field's value is no text."""
    match graph.inherited(field, "/FT"):
        case "/Btn":
            return _is_ticked_otherwise(graph, field)
        case "/Tx":  # readers take a name, a list or a stream for a text, or for none
            value = graph.inherited(field, "/V")
            return value is not None and (not is_string(value) or _is_cut(graph, field, value))
        case "/Ch":
            value = graph.inherited(field, "/V")
            chosen = value if isinstance(value, list) else [value]
            return len(chosen) != 1 or len(_options(graph, field, chosen[0])) != 1
        case _:
            return False


def shows_text(graph: Graph, field: dict[str, Any]) -> bool:
    """Whether a field holds a text, which it must show then."""
    return graph.inherited(field, "/FT") in {"/Tx", "/Ch"} and bool(_value(graph, field))


def is_said(graph: Graph, field: dict[str, Any], seen: str | None) -> bool:
    """Whether what is seen of a field of text says its value, no less and no more.

    Args:
        graph: the document.
        field: the field.
        seen: as :func:`~eseal.documents.viewer.fields.texts_seen` tells it.
    """
    return says(seen, _value(graph, field) or "")


def says(seen: str | None, held: str) -> bool:
    """The same of a text that a field holds."""
    if seen is None:
        return False
    value, shown = letters(held), letters(seen)
    if any(unicodedata.bidirectional(letter) in {"R", "AL"} for letter in value):
        # Words stand in their own order, and numbers among them.
        one, other = (Counter(_DIGITS.findall(_joined(text))) for text in (seen, held))
        return one == other and Counter(shown) == Counter(value)
    is_same = shown == value and _marked(seen) == _marked(held) and _are_parted(seen, held)
    return is_same or _is_amount(seen, held)


def _are_parted(seen: str, held: str) -> bool:
    """Whether digits that stand side by side in one text do in the other, or both in threes."""
    return _gaps(seen, held) or _gaps(_joined(seen), _joined(held))


def _gaps(seen: str, held: str) -> bool:
    one, other = (
        _GAPS.findall(_BROKEN.sub("", unicodedata.normalize("NFKC", text))) for text in (seen, held)
    )
    return len(one) == len(other) and all(
        gap == EVEN or bool(gap) == bool(of) for gap, of in zip(one, other, strict=True)
    )


def _joined(text: str) -> str:
    """A text whose numbers are in no groups of three."""
    plain = unicodedata.normalize("NFKC", text)
    return _THREES.sub(lambda found: re.sub(r"\D", "", found[0]), plain)


def _is_push_button(graph: Graph, field: dict[str, Any]) -> bool:
    is_button, flags = graph.inherited(field, "/FT") == "/Btn", graph.inherited(field, "/Ff")
    return is_button and isinstance(flags, int) and bool(flags & _PUSH_BUTTON)


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
    if isinstance(value, list) and len(value) == 1:
        value = graph.resolve(value[0])
    return min(_options(graph, field, value)) if is_string(value) else None


def _options(graph: Graph, field: dict[str, Any], value: Any) -> set[str]:
    """The words that stand for a value: Firefox takes the last of several, others none."""
    value = graph.resolve(value)
    if value is None or not is_string(value):
        return set() if value is not None else {""}
    found = set()
    for option in graph.array(graph.inherited(field, "/Opt")):
        pair = [graph.resolve(each) for each in graph.array(option)] or [graph.resolve(option)] * 2
        if len(pair) == _PAIR and pair[0] == value and is_string(pair[1]):
            found.add(text(pair[1]))
    return found or {text(value)}


def _is_cut(graph: Graph, field: dict[str, Any], value: str) -> bool:
    """Whether a text is longer than its field allows: Firefox shows no more of it."""
    most = graph.inherited(field, "/MaxLen")
    return isinstance(most, int) and 0 < most < len(text(value).encode("utf-16-le")) // 2


def _marked(value: str) -> str:
    """Digits and what makes a number another one; nothing of other texts."""
    folded = unicodedata.normalize("NFKC", value).replace("\u2212", "-")
    marked = "".join(sign for sign in folded if sign.isdigit() or sign in _MARKS)
    return marked if any(map(str.isdigit, marked)) else ""


def _is_amount(shown: str, held: str) -> bool:
    """Whether a number, maybe with its currency, is one that has one reading only.

    The comma of 1,000 parts groups; the point of 1.000 is as good as a decimal one.
    """
    one, of, unit = _amounts(held), letters(held), letters(shown)
    if len(one) != 1 or _amounts(shown)[:1] != one:
        return False
    if "".join(filter(str.isalnum, of)) != "".join(filter(str.isalnum, unit)):
        return False
    mine, seen = (Counter(each for each in text if not each.isalnum()) for text in (of, unit))
    return mine == seen or (not mine and all(unicodedata.category(e) == _CURRENCY for e in seen))


def _amounts(text: str) -> list[str]:
    """What a number can mean, the point being decimal first; nothing for other texts."""
    text = _joined(text)
    if not _NUMBER.fullmatch(text):
        return []
    sign = "-" if re.search(r"[-\u2212(]", text) else ""
    plain = re.sub(r"[^0-9.,]", "", text)
    found: dict[str, None] = {}
    for pattern, groups in ((_WITH_POINT, ","), (_WITH_COMMA, ".")):
        if match := pattern.fullmatch(plain):
            whole = match[1].replace(groups, "").lstrip("0")
            found[f"{sign}{whole}.{(match[2] or '').rstrip('0')}"] = None
    return [*found]


def letters(value: str) -> str:
    """Letters, digits and signs of a text, without what tells them apart by looks only."""
    return "".join(
        each
        for letter in unicodedata.normalize("NFC", value)
        for each in _folded(letter)
        if each.isalnum()
        or each in _SIGNS_BESIDE
        or (each not in _MARKS and unicodedata.category(each) in _SIGNS)
    )


def _folded(letter: str) -> str:
    if unicodedata.decomposition(letter).startswith(_MEANT):
        return letter
    return unicodedata.normalize("NFKC", letter)
