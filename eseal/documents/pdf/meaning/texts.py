"""Fields of text whose look lacks letters of what they hold (ISO 32000-1 section 12.7.4.3).

Forms are mostly set in fonts of Latin letters: of a text with others such a field shows a part, or
question marks. A viewer that draws fields anew, and a program that takes the value, find more than
was seen. What is seen is sealed: the field then holds what it shows, and what it held is told. That
is done only where nothing but letters that such a font cannot have are missing, and most of the
text is there: of a field that holds 999 and shows 100, nobody but its author knows what it says.
"""

from __future__ import annotations

from typing import Any, Final

from pikepdf import Dictionary, String

from eseal.documents.pdf.effort import Effort
from eseal.documents.pdf.examination.hazards import HazardCode
from eseal.documents.pdf.examination.shown_values import letters, says
from eseal.documents.pdf.meaning.desk import Desk
from eseal.documents.pdf.meaning.values import (
    MAX_PARENTS,
    Box,
    array,
    box,
    dictionary,
    inherited,
    is_stream,
    name,
)
from eseal.documents.viewer.fields import texts_seen

_LATIN: Final = "cp1252"
"""Letters of WinAnsiEncoding (annex D), which readers go by."""
_TOLD: Final = 60
"""So many letters of a value are told."""


def put_in_order(desk: Desk, pages: list[Any]) -> None:
    """Let fields that lack letters hold what PDFium shows."""
    doubtful = [
        (index, widget, place, held)
        for index, page in enumerate(pages)
        for widget in array(page.get("/Annots"))
        if (held := _held(widget)) and (place := _place(widget))
    ]
    if not doubtful:
        return
    saved = desk.saved()
    places = [(index, place) for index, _, place, _ in doubtful]
    seen = texts_seen(saved, places, Effort(len(saved)).spend)
    for (desk.page, widget, _, held), text in zip(doubtful, seen, strict=True):
        if text is None or says(text, held) or not says(text, _latin(held)):
            continue
        marked = held.encode(_LATIN, "replace").decode(_LATIN)
        is_marked = "".join(marked.split()) in "".join(text.split())
        shown = marked if is_marked else _latin(held).rstrip()
        _set(widget, shown)
        desk.settle(
            HazardCode.FIELD_VALUE_DIFFERS,
            f"a field held {held[:_TOLD]!r}, and holds what it shows: {shown[:_TOLD]!r}",
        )
    desk.page = None


def _held(widget: Any) -> str:
    """The text of a field most letters of which are Latin ones, but not all; else empty."""
    entries = dictionary(widget)
    if name(entries.get("/Subtype")) != "Widget" or name(inherited(widget, "/FT")) != "Tx":
        return ""
    value = inherited(widget, "/V")
    text = str(value) if isinstance(value, String) else ""
    there, all_ = len(letters(_latin(text))), len(letters(text))
    is_plain = inherited(widget, "/RV") is None
    return text if is_plain and there < all_ <= 2 * there else ""


def _place(widget: Any) -> Box | None:
    """Where a field shows its text; ``None`` if it has no look."""
    look = dictionary(dictionary(widget).get("/AP")).get("/N")
    return box(widget.get("/Rect")) if is_stream(look) else None


def _set(field: Any, value: str) -> None:
    """Give a field a value, where it or one above it holds one."""
    for _ in range(MAX_PARENTS):
        if "/V" in field:
            field.V = String(value)
        if not isinstance(field.get("/Parent"), Dictionary):
            break
        field = field.Parent


def _latin(text: str) -> str:
    return text.encode(_LATIN, "ignore").decode(_LATIN)
