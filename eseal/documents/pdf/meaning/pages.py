"""Pages with all that decides on them in their own dictionary, in one way of writing it.

ISO 32000-1 sections 7.7.3 and 14.11.2: what a page inherits is written into it, boxes have their
corners in order and lie inside the medium, the contents are streams in one list.
"""

from __future__ import annotations

from typing import Any, Final

from pikepdf import Array, Dictionary, Name, Stream

from eseal.documents.pdf.examination.hazards import HazardCode
from eseal.documents.pdf.meaning import drawing
from eseal.documents.pdf.meaning.desk.desk import Desk
from eseal.documents.pdf.meaning.desk.values import (
    Box,
    array,
    box,
    dictionary,
    is_stream,
    key_of,
    name,
    number,
    whole,
)

_INHERITED: Final = ("/Resources", "/MediaBox", "/CropBox", "/Rotate")
_PRIVATE: Final = {"/PieceInfo", "/Thumb"}
"""Data of the producer's own (section 14.5), and small pictures of pages: no reader shows them."""
_LETTER: Final[Box] = (0.0, 0.0, 612.0, 792.0)
"""The size all readers give a page without one."""
_BOXES: Final = ("/CropBox", "/BleedBox", "/TrimBox", "/ArtBox")
_MAX_PARENTS: Final = 64
_MAX_PARTS: Final = 10_000
"""Of one page's contents."""
_MAX_SIDE: Final = 14_400.0
"""Of a page, in points (annex C): five metres."""
_FULL: Final = 360
_QUARTER: Final = 90


def put_in_order(desk: Desk, page: Any) -> None:
    """Write into a page what it inherits, and its boxes and angle in one way."""
    _inherit(page)
    if not isinstance(page.get("/Resources"), Dictionary):
        page.Resources = Dictionary()
    _angle(desk, page)
    _boxes(desk, page)


def _inherit(page: Any) -> None:
    missing = [key for key in _INHERITED if key not in page]
    node = page
    for _ in range(_MAX_PARENTS):
        node = node.get("/Parent")
        if not missing or not isinstance(node, Dictionary):
            return
        for key in [key for key in missing if key in node]:
            page[key] = node.get_raw(key)
            missing.remove(key)


def plant(desk: Desk, pages: list[Any]) -> None:
    """Make one page tree of one level: its count is right, and nothing else hangs in it."""
    root = desk.pdf.Root.Pages
    if root.get("/Count") != len(pages):
        desk.settle(
            HazardCode.UNCLEAR_PAGE,
            f"it says it has {root.get('/Count')!s} pages and has {len(pages)}",
        )
    for key in {*root.keys()}:
        del root[key]
    root.Type = Name.Pages
    root.Kids = Array(pages)
    root.Count = len(pages)
    for page in pages:
        page.Parent = root
        page.Type = Name.Page


def strays(desk: Desk, pages: list[Any]) -> None:
    """Empty the pages that are not in the page tree, and leave out what only producers read."""
    listed = {key_of(page) for page in pages}
    for item in desk.pdf.objects:
        if not isinstance(item, Dictionary | Stream):
            continue
        for key in _PRIVATE & item.keys():
            del item[key]
        if item.get("/Type") == Name.Page and key_of(item) not in listed:
            desk.settle(HazardCode.UNREACHABLE_PAGE, f"object {key_of(item)[0]}")
            for key in {*item.keys()}:
                del item[key]


def _angle(desk: Desk, page: Any) -> None:
    if "/Rotate" not in page:
        return
    angle = whole(page.get("/Rotate"))
    if angle is None or angle % _QUARTER:
        desk.report(HazardCode.UNCLEAR_PAGE, f"turned by {page.get('/Rotate')!s}, no right angle")
    elif angle % _FULL == 0:
        del page["/Rotate"]
    elif angle % _FULL != page.get("/Rotate") or type(page.get("/Rotate")) is not int:
        page.Rotate = angle % _FULL


def _boxes(desk: Desk, page: Any) -> None:
    given = page.get("/MediaBox")
    medium = _LETTER if given is None else box(given)
    if medium is None or max(medium[2] - medium[0], medium[3] - medium[1]) > _MAX_SIDE:
        desk.report(HazardCode.UNCLEAR_PAGE, "it has no proper size")
        return
    _write(page, "/MediaBox", medium)
    for key in _BOXES:
        if key not in page:
            continue
        inner = box(page.get(key))
        cut = inner and _common(inner, medium)
        if cut:
            _write(page, key, cut)
        elif key == "/CropBox" and inner:
            desk.report(HazardCode.UNCLEAR_PAGE, "what is shown of it lies outside of it")
        elif key == "/CropBox" and len(array(page.get(key))) != 0:
            desk.report(HazardCode.UNCLEAR_PAGE, "what is shown of it has no proper box")
        else:
            del page[key]
    unit = page.get("/UserUnit")
    if unit is not None and number(unit) != 1.0:
        desk.settle(HazardCode.UNCLEAR_PAGE, "it has units of its own, which some readers ignore")
    if unit is not None:
        del page["/UserUnit"]


def _common(inner: Box, outer: Box) -> Box | None:
    found = (
        max(inner[0], outer[0]),
        max(inner[1], outer[1]),
        min(inner[2], outer[2]),
        min(inner[3], outer[3]),
    )
    return found if found[0] < found[2] and found[1] < found[3] else None


def _write(page: Any, key: str, wanted: Box) -> None:
    """Write a box, unless it is there already, number for number."""
    there = page.get(key)
    if there is None or [*map(float, there)] != [*wanted]:
        page[key] = Array([int(side) if side == int(side) else round(side, 5) for side in wanted])


def drawn(desk: Desk, page: Any) -> None:
    """Look at a page's contents; they are put in order where that is needed and possible."""
    group = dictionary(page.get("/Group"))
    if name(group.get("/CS")) == "DeviceGray":
        desk.settle(HazardCode.UNCLEAR_COLOUR, "it asks to be shown in gray")
        del group["/CS"]
    value = page.get("/Contents")
    if value is None:  # some readers find contents where an object was deleted
        value = page.Contents = desk.pdf.make_stream(b"")
        desk.touch()
    listed = array(value) if isinstance(value, Array) else [value]
    parts = [part for part in listed if is_stream(part)]
    if any(isinstance(part, Array) for part in listed) or len(parts) > _MAX_PARTS:
        desk.settle(HazardCode.UNCLEAR_CONTENTS, "its contents are lists in lists, or too many")
        parts = []
    if len(parts) != len(listed):  # what is no stream draws nothing
        page.Contents = Array(parts)
        desk.touch()
    data = [desk.contents(part, "its contents") for part in parts]
    # Joined by what ends a token everywhere, and must not stand in a string.
    joined = b"\r".join(data)
    changed = drawing.contents(desk, joined, page.get("/Resources"), "the page")
    desk.weigh(page)
    if changed is not None:
        page.Contents = desk.pdf.make_stream(b"")
        desk.streams.pack(page.Contents, changed)
        desk.touch()
