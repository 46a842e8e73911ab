"""Fields of text (ISO 32000-1 section 12.7.4.3): readers that draw them anew show the same.

Firefox makes fields of its own of what they hold. So one that shows something else becomes a button
that does nothing: a list, stars for a password, words in an empty field. What else tells how to
draw a field is written plainly.

Forms are mostly set in fonts of Latin letters: of a text with others such a field shows a part, or
question marks. A viewer that draws fields anew, and a program that takes the value, find more than
was seen. What is seen is sealed: the field then holds what it shows, and what it held is told. That
is done only where nothing but letters that such a font cannot have are missing, and most of the
text is there: of a field that holds 999 and shows 100, nobody but its author knows what it says.
"""

from __future__ import annotations

from itertools import count
from typing import Any, Final

from pikepdf import Array, Dictionary, String

from eseal.documents.pdf.examination.hazards import HazardCode
from eseal.documents.pdf.examination.shown_values import letters, says
from eseal.documents.pdf.meaning.buttons import become_push_button
from eseal.documents.pdf.meaning.desk.desk import Desk
from eseal.documents.pdf.meaning.desk.streams import DamagedStreamError
from eseal.documents.pdf.meaning.desk.values import (
    MAX_PARENTS,
    Box,
    array,
    box,
    dictionary,
    inherited,
    is_stream,
    name,
    whole,
)
from eseal.documents.pdf.meaning.forms import leave_shown
from eseal.documents.pdf.opening.effort import Effort
from eseal.documents.viewer.fields import texts_seen
from eseal.excerpts import excerpt

_WRITTEN: Final = {"Tx", "Ch"}
_PASSWORD: Final = 1 << 13
"""Table 228: such a field shows stars."""
_COMBO: Final = 1 << 17
"""Table 230: a choice that shows what was chosen, and not the list."""
_PLAIN: Final = "/Helv 0 Tf 0 g"
"""Black, of a size that readers choose (section 12.7.3.3)."""
_SIDEWAYS: Final = {90, 270}
_DRAWS: Final = (b"BT", b"Do")
"""What words are drawn with, or what may hold such."""
_LATIN: Final = "cp1252"
"""Letters of WinAnsiEncoding (annex D), which readers go by."""
_TOLD: Final = 60
"""So many letters of a value are told."""


def put_in_order(desk: Desk, pages: list[Any]) -> None:
    """Let fields of text hold what PDFium shows, or nothing."""
    widgets = [
        (index, widget)
        for index, page in enumerate(pages)
        for widget in array(page.get("/Annots"))
        if name(dictionary(widget).get("/Subtype")) == "Widget"
    ]
    left, pictures = [], []
    for index, widget in widgets:
        is_written = name(inherited(widget, "/FT")) in _WRITTEN
        if is_written and _shows_another(desk, widget):
            pictures.append(widget)
            continue
        if is_written:
            _write_plainly(widget)
        left.append((index, widget))
    if pictures:
        _show(desk, left, pictures)
    _lacking(desk, left)


def _show(desk: Desk, left: list[tuple[int, Any]], pictures: list[Any]) -> None:
    """List fields, and others that hold nothing any more, under names that no other has."""
    form = desk.pdf.Root.AcroForm
    names = (f"picture {number}" for number in count(1))
    for widget in pictures:
        become_push_button(widget, "")
    leave_shown(desk, form, left)
    known = {str(field.get("/T")) for field in form.Fields}
    for widget in pictures:
        widget.T = String(next(each for each in names if each not in known))
        form.Fields.append(widget)


def _write_plainly(widget: Any) -> None:
    """How readers are to draw a field that they draw anew: in black, of a size that fits."""
    field = widget
    for _ in range(MAX_PARENTS):
        for key in {"/RV", "/DS"} & field.keys():
            del field[key]
        field = field.get("/Parent")
        if not isinstance(field, Dictionary):
            break
    if widget.get("/DA") != String(_PLAIN):
        widget.DA = String(_PLAIN)
    turned = whole(dictionary(widget.get("/MK")).get("/R"))
    if turned in _SIDEWAYS:
        if widget.MK.keys() != {"/R"} or turned != widget.MK.R:
            widget.MK = Dictionary(R=turned)
    elif "/MK" in widget:
        del widget["/MK"]


def _shows_another(desk: Desk, widget: Any) -> bool:
    """Whether a look shows other words than a value, or some where there is none."""
    look = dictionary(widget.get("/AP")).get("/N")
    if not is_stream(look):
        return False
    flags, value = whole(inherited(widget, "/Ff")) or 0, inherited(widget, "/V")
    is_choice = name(inherited(widget, "/FT")) == "Ch"
    if not flags & _COMBO if is_choice else flags & _PASSWORD:
        return True
    held = str(value) if isinstance(value, String) else value
    is_empty = held is None or held == "" or (isinstance(held, Array) and not len(held))
    if not is_empty:
        return False
    try:
        return any(sign in desk.streams.decoded(look) for sign in _DRAWS)
    except DamagedStreamError:
        return True


def _lacking(desk: Desk, widgets: list[tuple[int, Any]]) -> None:
    """Let fields that lack letters hold what PDFium shows."""
    doubtful = [
        (index, widget, place, held)
        for index, widget in widgets
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
            f"a field held {excerpt(held, _TOLD)}, and holds what it shows: "
            f"{excerpt(shown, _TOLD)}",
        )
    desk.page = None


def _held(widget: Any) -> str:
    """The text of a field most letters of which are Latin ones, but not all; else empty."""
    if name(inherited(widget, "/FT")) != "Tx":
        return ""
    value = inherited(widget, "/V")
    text = str(value) if isinstance(value, String) else ""
    there, all_ = len(letters(_latin(text))), len(letters(text))
    return text if there < all_ <= 2 * there else ""


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
