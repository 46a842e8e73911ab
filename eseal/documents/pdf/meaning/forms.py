"""Form fields (ISO 32000-1 section 12.7) whose look is in the file, and not for readers to make."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from pikepdf import Array, Dictionary, Name, String

from eseal.documents.pdf.examination.hazards import HazardCode
from eseal.documents.pdf.meaning.desk import Desk
from eseal.documents.pdf.meaning.values import (
    Key,
    array,
    box,
    dictionary,
    is_stream,
    key_of,
    name,
    numbers,
)

_WRITTEN: Final = {"Tx", "Ch"}
"""Kinds of fields that show text."""
_MAX_PARENTS: Final = 64
_MAX_FIELDS: Final = 100_000
_OPERATORS: Final = {1: "g", 3: "rg", 4: "k"}


def put_in_order(desk: Desk, pages: list[Any]) -> None:
    """List every field, and give empty ones a look."""
    widgets = [
        (index, item)
        for index, page in enumerate(pages)
        for item in array(page.get("/Annots"))
        if name(dictionary(item).get("/Subtype")) == "Widget"
    ]
    form = desk.pdf.Root.get("/AcroForm")
    if not widgets and not isinstance(form, Dictionary):
        return
    if not isinstance(form, Dictionary):
        form = desk.pdf.Root.AcroForm = Dictionary(Fields=Array())
    _list(desk, form, widgets)
    for index, widget in widgets:
        if _lacks(widget):
            _make(desk, index, widget)


def inherited(item: Any, key: str) -> Any:
    """An entry of a field, or of the next above it that has it (section 12.7.3.1)."""
    for _ in range(_MAX_PARENTS):
        if not isinstance(item, Dictionary):
            return None
        value = item.get(key)
        if value is not None:
            return value
        item = item.get("/Parent")
    return None


def _list(desk: Desk, form: Any, widgets: list[tuple[int, Any]]) -> None:
    """Put fields that only a page knows into the form's list, as readers that show them do."""
    if not isinstance(form.get("/Fields"), Array):
        form.Fields = Array()
    known = set(_known(form.Fields))
    titles = {bytes(top.get("/T")) for top in form.Fields if _titled(top)}
    for index, widget in widgets:
        if key_of(widget) in known:
            continue
        top = widget
        for _ in range(_MAX_PARENTS):
            if not isinstance(top.get("/Parent"), Dictionary):
                break
            top = top.get("/Parent")
        if not _titled(top) or bytes(top.get("/T")) in titles or not inherited(widget, "/FT"):
            desk.page = index
            desk.report(HazardCode.UNCLEAR_ANNOTATION, "a form field is not listed as one")
            desk.page = None
            continue
        titles.add(bytes(top.get("/T")))
        form.Fields.append(top)
        known.update(_known([top]))


def _titled(field: Any) -> bool:
    return isinstance(field, Dictionary) and isinstance(field.get("/T"), String)


def _known(fields: Any) -> Iterator[Key]:
    """The fields and widgets below some."""
    waiting, seen = [*fields], set[Key]()
    while waiting and len(seen) < _MAX_FIELDS:
        field = waiting.pop()
        key = key_of(field)
        if not isinstance(field, Dictionary) or key in seen:
            continue
        seen.add(key)
        yield key
        waiting += array(field.get("/Kids"))


def _lacks(widget: Any) -> bool:
    """Whether a text or choice field has no look."""
    kind = name(inherited(widget, "/FT"))
    return kind in _WRITTEN and not is_stream(dictionary(widget.get("/AP")).get("/N"))


def _make(desk: Desk, index: int, widget: Any) -> None:
    """Give an empty field its ground and border. Filled ones have their look by now."""
    value = inherited(widget, "/V")
    empty = value is None or (isinstance(value, String) and not str(value))
    place = box(widget.get("/Rect"))
    if not empty or place is None:
        return
    left, bottom, right, top = place
    widget.AP = Dictionary(
        N=desk.pdf.make_stream(
            frame(widget, right - left, top - bottom),
            Type=Name.XObject,
            Subtype=Name.Form,
            BBox=Array([0, 0, right - left, top - bottom]),
            Resources=Dictionary(),
        )
    )
    desk.touched.add(index)


def frame(widget: Any, width: float, height: float) -> bytes:
    """Ground and border of a field of some size in points (table 189), as contents."""
    given = dictionary(widget.get("/MK"))
    ground, border = (numbers(given.get(key)) or [] for key in ("/BG", "/BC"))
    style = dictionary(widget.get("/BS"))
    line = numbers(Array([style.get("/W", 1)])) or [1.0]
    parts = []
    if len(ground) in _OPERATORS:
        parts.append(f"{_colour(ground)} 0 0 {width:.4f} {height:.4f} re f")
    if len(border) in _OPERATORS and line[0] > 0:
        half = line[0] / 2
        stroke = _colour(border).upper()
        inner = f"{half:.4f} {half:.4f} {width - line[0]:.4f} {height - line[0]:.4f}"
        parts.append(f"{stroke} {line[0]:.4f} w {inner} re S")
    return ("q " + " ".join(parts) + " Q\n").encode() if parts else b""


def _colour(values: list[float]) -> str:
    return " ".join(f"{value:.4f}" for value in values) + " " + _OPERATORS[len(values)]
