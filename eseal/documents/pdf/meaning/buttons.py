"""Check boxes and radio buttons (ISO 32000-1 section 12.7.4.2): what is seen is what they hold."""

from __future__ import annotations

from typing import Any, Final

from pikepdf import Array, Dictionary, Name, String

from eseal.documents.pdf.examination.hazards import HazardCode
from eseal.documents.pdf.meaning.desk.desk import Desk
from eseal.documents.pdf.meaning.desk.values import (
    MAX_PARENTS,
    array,
    dictionary,
    inherited,
    key_of,
    name,
    whole,
)

_PUSH: Final = 1 << 16
"""Table 226: it holds no value."""
_SHOWN: Final = ("/Type", "/Rect", "/AP", "/F", "/P", "/StructParent", "/OC")
"""What is left of a field that becomes a picture of itself."""


def put_in_order(desk: Desk, widgets: list[tuple[int, Any]]) -> None:
    """Let each group hold the state that is seen; one that shows several becomes a picture."""
    groups: dict[Any, list[tuple[int, Any]]] = {}
    for index, widget in widgets:
        if _has_states(widget):
            groups.setdefault(key_of(holder(widget)), []).append((index, widget))
    for group in groups.values():
        _settle(desk, group)
    desk.page = None


def _settle(desk: Desk, group: list[tuple[int, Any]]) -> None:
    """Put a group in order if what it shows includes what it holds.

    Whoever has filled in a value that nothing shows would lose it.
    """
    widgets = [widget for _, widget in group]
    value = inherited(widgets[0], "/V")
    states = {_state(widget) for widget in widgets} - {Name.Off}
    if not any(map(_contradicts, widgets)) or value not in {None, Name.Off, *states}:
        return
    if len(states) == 1:
        holder(widgets[0]).V = next(iter(states))
    contradicts = any(map(_contradicts, widgets))
    for desk.page, widget in group:
        desk.settle(HazardCode.FIELD_VALUE_DIFFERS, "a button shows another state than it holds")
        if contradicts:
            become_picture(desk, widget)


def become_picture(desk: Desk, widget: Any) -> None:
    """Make a stamp of a widget: it shows the same in every reader, and holds nothing."""
    _unlist(desk, widget)
    looks = dictionary(widget.get("/AP"))
    states = looks.get("/N")
    if isinstance(states, Dictionary):
        shown = states.get(_state(widget))
        looks.N = desk.empty_look() if shown is None else shown
    for key in widget.keys() - set(_SHOWN):
        del widget[key]
    widget.Subtype = Name.Stamp


def become_push_button(widget: Any, title: str) -> None:
    """Make a button of a widget that has one look: it does nothing, and holds nothing.

    PDFium draws it to the pixel as before, but not a stamp. Others take it out of the tree of
    fields, and list it.
    """
    for key in widget.keys() - {*_SHOWN, "/Subtype", "/TU"}:
        del widget[key]
    widget.AP = Dictionary(N=Dictionary(Off=widget.AP.N))  # as PDF/A wants it of buttons
    widget.AS = Name.Off
    widget.FT, widget.Ff, widget.T = Name.Btn, _PUSH, String(title)


def _has_states(widget: Any) -> bool:
    is_button = name(inherited(widget, "/FT")) == "Btn"
    is_pushed = (whole(inherited(widget, "/Ff")) or 0) & _PUSH
    looks = dictionary(widget.get("/AP")).get("/N")
    return (
        is_button
        and not is_pushed
        and isinstance(looks, Dictionary)
        and _state(widget)
        in (
            *looks.keys(),
            Name.Off,
        )
    )


def _state(widget: Any) -> Any:
    state = widget.get("/AS")
    return state if isinstance(state, Name) else Name.Off


def _contradicts(widget: Any) -> bool:
    value = inherited(widget, "/V")
    held = isinstance(value, Name) and value in widget.AP.N
    return bool(_state(widget) != (value if held else Name.Off))


def holder(widget: Any) -> Any:
    """The field a widget belongs to: itself, if it has a name of its own."""
    parent = widget.get("/Parent")
    return parent if "/T" not in widget and isinstance(parent, Dictionary) else widget


def _unlist(desk: Desk, field: Any) -> None:
    """Take a widget out of the tree of fields, and what then has no kids."""
    for _ in range(MAX_PARENTS):
        parent = field.get("/Parent")
        holder, key = parent, "/Kids"
        if not isinstance(parent, Dictionary):
            holder, key = dictionary(desk.pdf.Root.get("/AcroForm")), "/Fields"
        left = [each for each in array(holder.get(key)) if key_of(each) != key_of(field)]
        if key in holder:
            holder[key] = Array(left)
        if left or not isinstance(parent, Dictionary):
            return
        field = parent
