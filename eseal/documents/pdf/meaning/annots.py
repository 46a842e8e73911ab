"""Annotations (ISO 32000-1 section 12.5) that all readers show alike, on screen and paper."""

from __future__ import annotations

from typing import Any, Final

from pikepdf import Array, Dictionary, Name, String

from eseal.documents.pdf.examination.hazards import HazardCode
from eseal.documents.pdf.meaning import actions, drawing
from eseal.documents.pdf.meaning.buttons import become_picture
from eseal.documents.pdf.meaning.desk.desk import Desk
from eseal.documents.pdf.meaning.desk.values import (
    Box,
    array,
    box,
    dictionary,
    inherited,
    is_stream,
    name,
    numbers,
    whole,
)

_INVISIBLE: Final = 1
_HIDDEN: Final = 1 << 1 | 1 << 5
"""Hidden and NoView: looked for elsewhere (:mod:`.examination`)."""
_PRINT: Final = 1 << 2
_NO_ZOOM: Final = 1 << 3 | 1 << 4
"""NoZoom and NoRotate."""
_TOGGLE: Final = 1 << 8
_WITHOUT_LOOK: Final = {"Link", "Popup"}
"""Subtypes that need none, and that some readers show all the same if they have one."""
_KNOWN: Final = {
    *("Text", "Link", "FreeText", "Line", "Square", "Circle", "Polygon", "PolyLine", "Highlight"),
    *("Underline", "Squiggly", "StrikeOut", "Stamp", "Caret", "Ink", "Popup", "FileAttachment"),
    *("Sound", "Movie", "Widget", "Screen", "PrinterMark", "TrapNet", "Watermark", "3D", "Redact"),
    *("Projection", "RichMedia"),
}
_SIGNATURE: Final = "Sig"
_FIELDS: Final = {"Tx", "Ch", "Btn", "Sig"}
_WRITTEN: Final = {"Tx", "Ch"}
_ON_TEXT: Final = {"Highlight", "Underline", "Squiggly", "StrikeOut"}
"""Some readers draw these by their colour and corners, whatever look they have, or not at all
without corners; of a stamp, all draw the look."""
_BREADTH: Final = 4.0
"""Points by which marks may reach beyond their rectangle, as they do in ordinary files."""


def on_page(desk: Desk, page: Any) -> None:
    """Look at a page's annotations, and put in order what can be."""
    listed = page.get("/Annots")
    if listed is None:
        return
    items = array(listed)
    good = [item for item in items if isinstance(item, Dictionary)]
    if len(good) != len(items) or not items:
        if good:
            page.Annots = Array(good)
        else:
            del page["/Annots"]
    for index, item in enumerate(good):
        _judge(desk, page, item, f"annotation {index + 1}")


def _judge(desk: Desk, page: Any, item: Any, what: str) -> None:
    kind = name(item.get("/Subtype"))
    flags = _flags(item)
    if kind not in _KNOWN or flags < 0 or (kind == "Widget" and not _is_field(item)):
        desk.settle(HazardCode.UNCLEAR_ANNOTATION, f"{what} is of no kind of the standard")
        become_picture(desk, item)
        kind, flags = "Stamp", max(flags, 0)
    for key, value in item.items():
        if isinstance(value, Name) and not name(value) and key != "/AS":
            del item[key]  # some readers know no empty name
    drawing.belongs_if_any(desk, item, what)
    actions.of_annotation(desk, item, what)
    if kind in _WITHOUT_LOOK:
        _without_look(desk, item, kind, what)
    elif not flags & _HIDDEN:
        _shown(desk, page, item, kind, what)
        flags |= _PRINT
        if "/Rotate" not in page:
            flags &= ~_NO_ZOOM
        elif flags & _NO_ZOOM:
            desk.report(HazardCode.UNCLEAR_ANNOTATION, f"{what} does not turn with the page")
    flags &= ~(_INVISIBLE | _TOGGLE)
    if (flags ^ _flags(item)) & ~_PRINT:
        desk.touch()
    if flags != item.get("/F", 0) or type(item.get("/F", 0)) is not int:
        item.F = flags


def _flags(item: Any) -> int:
    """Flags (table 165), however written; -1 if they are none."""
    if "/F" not in item or isinstance(item.get("/F"), Name):
        return 0
    flags = whole(item.get("/F"))
    return -1 if flags is None else flags


def _is_field(item: Any) -> bool:
    """Whether a widget has a name and a type, without which some readers pass over it."""
    titled = isinstance(inherited(item, "/T"), String)
    return titled and name(inherited(item, "/FT")) in _FIELDS


def _shown(desk: Desk, page: Any, item: Any, kind: str, what: str) -> None:
    corners = numbers(item.get("/Rect")) or []
    if len(corners) != 4:  # noqa: PLR2004
        desk.report(HazardCode.UNCLEAR_ANNOTATION, f"{what} stands nowhere")
        return
    place = box(item.get("/Rect"))
    if place is None:
        return  # it has no area: nothing of it is seen
    if kind == "Widget" and name(inherited(item, "/FT")) == _SIGNATURE and _is_unsigned(item):
        return  # it is made ready for a seal, and shows nothing (:mod:`.sealing.empty_fields`)
    if kind in _ON_TEXT and not _is_within(numbers(item.get("/QuadPoints")) or [], place):
        desk.report(HazardCode.UNCLEAR_ANNOTATION, f"{what} marks something outside of itself")
    _look(desk, page, item, kind, what)


def _is_unsigned(item: Any) -> bool:
    value = inherited(item, "/V")
    return not isinstance(value, Dictionary) or "/Contents" not in value


def _is_within(corners: list[float], place: Box) -> bool:
    """Whether marked text lies in the annotation's rectangle, but for a line's breadth."""
    left, bottom, right, top = place
    return all(left - _BREADTH <= x <= right + _BREADTH for x in corners[::2]) and all(
        bottom - _BREADTH <= y <= top + _BREADTH for y in corners[1::2]
    )


def _without_look(desk: Desk, item: Any, kind: str, what: str) -> None:
    if "/AP" in item and dictionary(item.get("/AP")).get("/N") is not None:
        desk.report(HazardCode.UNCLEAR_ANNOTATION, f"{what} is a {kind} with a look of its own")
    elif "/AP" in item:
        del item["/AP"]
    if kind == "Link":
        _without_frame(item)


def _without_frame(item: Any) -> None:
    """The frame of a link, which some readers draw and no printer, goes."""
    border = numbers(item.get("/Border")) or []
    for key in ("/BS", "/BE"):
        if key in item:
            del item[key]
    if len(border) < 3 or border[2] != 0:  # noqa: PLR2004
        item.Border = Array([0, 0, 0])


def _look(desk: Desk, page: Any, item: Any, kind: str, what: str) -> None:
    """The normal look (section 12.5.5); other ones show at the mouse only, and go."""
    looks = item.get("/AP")
    normal = dictionary(looks).get("/N")
    if isinstance(looks, Dictionary):
        for key in ("/R", "/D"):
            if key in looks:
                del looks[key]
    if not isinstance(dictionary(item.get("/BS")).get("/S", Name.S), Name) or not name(
        dictionary(item.get("/BS")).get("/S", Name.S)
    ):
        del item["/BS"]
    if is_stream(normal):
        if kind in _ON_TEXT:
            item.Subtype = Name.Stamp
        looks.N = _drawn(desk, page, normal, what)
        return
    states = normal if isinstance(normal, Dictionary) else None
    if states is not None and len(states.keys()):
        _states(desk, page, item, states, what)
    elif kind == "FileAttachment" or (
        kind == "Widget" and name(inherited(item, "/FT")) in _WRITTEN and _is_filled(item)
    ):
        desk.report(HazardCode.UNCLEAR_ANNOTATION, f"{what} ({kind}) has no look")
    elif not _needs_none(item, kind):
        desk.settle(HazardCode.UNCLEAR_ANNOTATION, f"{what} ({kind}) has no look")
        item.AP = Dictionary(N=desk.empty_look())


def _states(desk: Desk, page: Any, item: Any, states: Any, what: str) -> None:
    field = name(item.get("/Subtype")) == "Widget"
    if "/" in states and item.get("/AS") != "/":
        del states["/"]  # some readers know no empty name
    if "/AS" not in item and field and inherited(item, "/V") in {None, Name.Off}:
        item.AS = Name.Off
    state = item.get("/AS")
    if not isinstance(state, Name) or not (state in states or (field and state == Name.Off)):
        desk.report(HazardCode.UNCLEAR_ANNOTATION, f"{what} is in a state it has no look for")
    for key, shown in [*states.items()]:
        if is_stream(shown):
            states[key] = _drawn(desk, page, shown, what)


def _drawn(desk: Desk, page: Any, look: Any, what: str) -> Any:
    """A look in order; an empty one in the place of one that cannot be drawn."""
    if box(look.get("/BBox")) is None:
        desk.settle(HazardCode.UNCLEAR_ANNOTATION, f"{what} has a look without a place")
    elif drawing.form(desk, look, page.get("/Resources"), f"the look of {what}"):
        return look
    return desk.empty_look()


def _needs_none(item: Any, kind: str) -> bool:
    """Whether nothing is to be seen: an empty field, and one for a signature."""
    if kind != "Widget":
        return False
    painted = [key for key in ("/BG", "/BC", "/CA", "/I") if key in dictionary(item.get("/MK"))]
    return not painted and not _is_filled(item)


def _is_filled(item: Any) -> bool:
    value = inherited(item, "/V")
    return value is not None and len(value if isinstance(value, Array) else bytes(value)) > 0
