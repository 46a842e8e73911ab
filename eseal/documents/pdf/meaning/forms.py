"""The tree of form fields (ISO 32000-1 section 12.7): every reader finds the same."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from pikepdf import Array, Dictionary, Object, String

from eseal.documents.pdf.examination.hazards import HazardCode
from eseal.documents.pdf.meaning import buttons
from eseal.documents.pdf.meaning.desk.desk import Desk
from eseal.documents.pdf.meaning.desk.values import (
    DIRECT,
    MAX_PARENTS,
    Key,
    array,
    dictionary,
    inherited,
    key_of,
    name,
)

_SIGNATURE: Final = "Sig"
_MAX_NAME: Final = 1000
"""Bytes of a name that count."""
_MAX_FIELDS: Final = 100_000


def put_in_order(desk: Desk, pages: list[Any]) -> None:
    """List every field that stands on a page, and let buttons hold what they show."""
    widgets = [*_once(desk, pages)]
    form = desk.pdf.Root.get("/AcroForm")
    if not widgets and not isinstance(form, Dictionary):
        return
    if not isinstance(form, Dictionary):
        form = desk.pdf.Root.AcroForm = Dictionary(Fields=Array())
    _list(desk, form, widgets)
    leave_shown(desk, form, widgets)
    buttons.put_in_order(desk, widgets)
    _held(desk, widgets)


def leave_shown(desk: Desk, form: Any, widgets: list[tuple[int, Any]]) -> None:
    """List no other fields than those of some widgets."""
    shown = _on_pages(desk, form.Fields, {key_of(widget) for _, widget in widgets})
    _set(form, "/Fields", shown)


def _once(desk: Desk, pages: list[Any]) -> Iterator[tuple[int, Any]]:
    """The widgets with their pages, from 0; a field for a signature stands on one page only."""
    seen = set[Key]()
    for index, page in enumerate(pages):
        for item in array(page.get("/Annots")):
            if name(dictionary(item).get("/Subtype")) != "Widget":
                continue
            key = key_of(item)
            if key != DIRECT and key in seen and name(inherited(item, "/FT")) == _SIGNATURE:
                desk.page = index
                desk.settle(HazardCode.UNCLEAR_ANNOTATION, "a place for a seal is on two pages")
                desk.page = None
                page.Annots = Array([each for each in page.Annots if key_of(each) != key])
                continue
            seen.add(key)
            yield index, item


def _held(desk: Desk, widgets: list[tuple[int, Any]]) -> None:
    """Fields of one full name hold one value, and no signature closes others for good.

    Readers take fields of one name for one field (section 12.7.3.2): others get another name.
    """
    values: dict[tuple[bytes, ...], tuple[Key, bytes]] = {}
    for desk.page, widget in widgets:
        if "/Lock" in widget:
            del widget["/Lock"]
        holder, value = buttons.holder(widget), inherited(widget, "/V")
        held = value.unparse() if isinstance(value, Object) else repr(value).encode()
        first = values.setdefault(_full_name(widget), (key_of(holder), held))
        if first[1] == held:
            continue
        if first[0] == key_of(holder) or not _titled(holder):
            desk.report(HazardCode.FIELD_VALUE_DIFFERS, "one field holds two values")
            continue
        desk.settle(HazardCode.FIELD_VALUE_DIFFERS, "two fields of one name hold two values")
        while _full_name(widget) in values:
            holder.T = String(f"{holder.T!s} ({len(values)})")
        values[_full_name(widget)] = key_of(holder), held
    desk.page = None


def _full_name(field: Any) -> tuple[bytes, ...]:
    parts: list[bytes] = []
    for _ in range(MAX_PARENTS):
        if _titled(field):
            parts.append(bytes(field.get("/T"))[:_MAX_NAME])
        field = field.get("/Parent")
        if not isinstance(field, Dictionary):
            break
    return tuple(parts)


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
        for _ in range(MAX_PARENTS):
            if not isinstance(top.get("/Parent"), Dictionary):
                break
            top = top.get("/Parent")
        if _titled(top) and bytes(top.get("/T")) not in titles and inherited(widget, "/FT"):
            titles.add(bytes(top.get("/T")))
            form.Fields.append(top)
            known.update(_known([top]))
        if key_of(widget) not in known:
            desk.page = index
            desk.settle(HazardCode.UNCLEAR_ANNOTATION, "a form field is not listed as one")
            desk.page = None
            buttons.become_picture(desk, widget)


def _on_pages(desk: Desk, fields: Any, shown: set[Key]) -> list[Any]:
    """The fields that stand on a page: others hold what nobody sees.

    Args:
        desk: where to put down what is left out.
        fields: of one level.
        shown: widgets on pages; those of all levels that were looked at are added.
    """
    left = []
    for field in fields:
        key = key_of(field)
        kids = array(dictionary(field).get("/Kids"))
        if key not in shown and kids and key != DIRECT:
            shown.add(key)
            kids = _on_pages(desk, kids, shown)
            _set(field, "/Kids", kids)
            if not kids:
                continue
        if key in shown or kids or name(inherited(field, "/FT")) == _SIGNATURE:
            left.append(field)
        elif inherited(field, "/V") is not None:
            desk.settle(HazardCode.HIDDEN_FIELD, "a filled field on no page")
    return left


def _set(holder: Any, key: str, items: list[Any]) -> None:
    """Give a list these items; one that has them stays the object it is."""
    if len(array(holder.get(key))) != len(items):
        holder[key] = Array(items)


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
