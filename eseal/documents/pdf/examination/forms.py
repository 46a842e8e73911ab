"""Form fields that hide something (ISO 32000-1 section 12.7).

The replace variant of the shadow attacks lays one field over another, or lets a field show other
text than it holds until a viewer draws it anew.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any, Final

from pyhanko.pdf_utils.misc import PdfReadError

from eseal.documents.pdf.annotations import Annotation, Box, full_name, text
from eseal.documents.pdf.examination.hazards import Hazard, HazardCode
from eseal.documents.pdf.structure import Structure, kind
from eseal.documents.pdf.syntax import Ref, parse

_SIGNATURE: Final = "Sig"
_TEXT: Final = "Tx"
_PASSWORD: Final = 1 << 13
"""Table 228: such a field shows stars."""
_OVERLAP: Final = 0.3
"""Share of the smaller field's area. Neighbours in real forms touch, and share their borders."""
_MAX_COMPARED: Final = 200_000
"""Pairs of fields on one page; fields are sorted, so only a hostile page comes near."""
_BYTES_A_STEP: Final = 8
"""Of an appearance, read in the time of a step."""
_SHOWN: Final = re.compile(rb"\((?:[^()\\]|\\[\s\S])*\)|<[0-9A-Fa-f\s]*>")
_SHOWN_OPERATOR: Final = re.compile(rb"(?:^|[\s)>\]])(?:Tj|TJ|'|\")(?![^\s(<\[/])")
_SIMPLE_ENCODINGS: Final = frozenset({"", "WinAnsiEncoding", "StandardEncoding", "MacRomanEncoding",
                                      "PDFDocEncoding"})  # fmt: skip


def find(structure: Structure, found: Sequence[Annotation]) -> Iterator[Hazard]:
    """Dynamic forms, hidden and overlapping fields, fields that show another value."""
    form = structure.dictionary(structure.catalog.get("AcroForm"))
    if structure.resolve(form.get("XFA")) is not None:
        yield Hazard(HazardCode.DYNAMIC_FORM, "form")
    widgets = [
        each
        for each in found
        if each.subtype == "Widget" and structure.inherited(each.entries, "FT") != _SIGNATURE
    ]
    for widget in widgets:
        if _is_filled(structure, widget.entries) and (widget.is_hidden or widget.is_empty):
            yield Hazard(HazardCode.HIDDEN_FIELD, _where(structure, widget))
        elif _differs(structure, form, widget.entries):
            yield Hazard(HazardCode.FIELD_VALUE_DIFFERS, _where(structure, widget))
    yield from _off_page(structure, form, found)
    yield from _overlapping(structure, widgets)


def _where(structure: Structure, widget: Annotation) -> str:
    return f"field {full_name(structure, widget.entries)[:64]!r}, page {widget.page + 1}"


def _is_filled(structure: Structure, field: dict[str, Any]) -> bool:
    """Whether it holds a value; an unticked box holds ``/Off``."""
    return structure.inherited(field, "V") not in {None, b"", "Off"}


def _off_page(
    structure: Structure, form: dict[str, Any], found: Sequence[Annotation]
) -> Iterator[Hazard]:
    """Filled fields without a widget on any page."""
    on_pages = {each.item.number for each in found if isinstance(each.item, Ref)}
    stack = list(structure.array(form.get("Fields")))
    seen: set[int] = set()
    while stack:
        item = stack.pop()
        if not isinstance(item, Ref) or item.number in seen:
            continue
        seen.add(item.number)
        field = structure.dictionary(item)
        kids = structure.array(field.get("Kids"))
        stack.extend(kids)
        if kids or item.number in on_pages or structure.inherited(field, "FT") == _SIGNATURE:
            continue
        if _is_filled(structure, field):
            name = full_name(structure, field)[:64]
            yield Hazard(HazardCode.HIDDEN_FIELD, f"field {name!r}, on no page")


def _overlapping(structure: Structure, widgets: Sequence[Annotation]) -> Iterator[Hazard]:
    pages: dict[int, list[Annotation]] = defaultdict(list)
    for widget in widgets:
        if not widget.is_empty and not widget.is_hidden:
            pages[widget.page].append(widget)
    for there in pages.values():
        there.sort(key=lambda each: each.box[0])
        compared = 0
        for index, one in enumerate(there):
            for other in there[index + 1 :]:
                compared += 1
                if other.box[0] >= one.box[2]:
                    break
                if compared > _MAX_COMPARED:
                    raise PdfReadError("a page has too many form fields side by side")
                if _shared(one.box, other.box) > _OVERLAP:
                    yield Hazard(HazardCode.OVERLAPPING_FIELDS, _where(structure, other))


def _shared(one: Box, other: Box) -> float:
    """The common area over the smaller one's."""
    width = min(one[2], other[2]) - max(one[0], other[0])
    height = min(one[3], other[3]) - max(one[1], other[1])
    if width <= 0 or height <= 0:
        return 0.0
    smaller = min((box[2] - box[0]) * (box[3] - box[1]) for box in (one, other))
    return width * height / smaller


def _differs(structure: Structure, form: dict[str, Any], field: dict[str, Any]) -> bool:
    """Whether a text field shows other letters and digits than its value.

    Judged only where the drawn text can be read for certain: in fonts of one byte a character
    with a standard encoding.
    """
    value = structure.inherited(field, "V")
    appearance = structure.entry(field.get("AP"), "N")
    reference = structure.dictionary(field.get("AP")).get("N")
    if structure.inherited(field, "FT") != _TEXT or not isinstance(value, bytes) or not value:
        return False
    flags = structure.inherited(field, "Ff")
    if appearance is None or not isinstance(reference, Ref):
        return False
    if isinstance(flags, int) and flags & _PASSWORD:
        return False
    entries = structure.dictionary(reference)
    fonts = [
        *structure.dictionary(structure.entry(entries.get("Resources"), "Font")).values(),
        *structure.dictionary(structure.entry(form.get("DR"), "Font")).values(),
    ]
    if not fonts or not all(_is_simple(structure, structure.dictionary(font)) for font in fonts):
        return False
    content = structure.decoded(reference.number)
    structure.effort.spend(len(content) // _BYTES_A_STEP)
    drawn = _drawn(content)
    return drawn is not None and _plain(text(value)) != _plain(drawn)


def _is_simple(structure: Structure, font: dict[str, Any]) -> bool:
    encoding = structure.resolve(font.get("Encoding"))
    if isinstance(encoding, dict):
        return not structure.array(encoding.get("Differences")) or (
            kind(font) == "Font" and "FontDescriptor" not in font
        )
    return kind(font, "Subtype") in {"Type1", "TrueType"} and str(encoding or "") in (
        _SIMPLE_ENCODINGS
    )


def _drawn(content: bytes) -> str | None:
    """The text a content stream shows, in its order; ``None`` if it draws in other ways, too."""
    if re.search(rb"[\s\]>]Do(?!\S)", content):
        return None
    if not _SHOWN_OPERATOR.search(content):
        return ""
    return "".join(
        value.decode("cp1252", "replace")
        for value in (parse(match[0])[0] for match in _SHOWN.finditer(content))
        if isinstance(value, bytes)
    )


def _plain(value: str) -> str:
    return "".join(letter for letter in value.casefold() if letter.isascii() and letter.isalnum())
