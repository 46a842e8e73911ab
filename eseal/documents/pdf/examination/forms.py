"""Form fields that hide something (ISO 32000-1 section 12.7).

The replace variant of the shadow attacks (NDSS 2021) lays one field over another, or lets a field
show other text than it holds until a viewer draws it anew.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any, Final

from eseal.documents.pdf.examination.annotations import Annotation, where
from eseal.documents.pdf.examination.graph import Graph, is_reference, is_string
from eseal.documents.pdf.examination.hazards import Hazard, HazardCode
from eseal.documents.pdf.examination.maps import without_maps
from eseal.documents.pdf.examination.shown_values import (
    differs,
    is_filled,
    is_said,
    leaves_drawing,
    shows_text,
)
from eseal.documents.viewer.fields import texts_seen
from eseal.documents.viewer.upright import overlap
from eseal.errors import UnsupportedDocumentError

_SIGNATURE: Final = "/Sig"
_OVERLAP: Final = 0.3
"""Share of the smaller field's area. Neighbours in real forms touch, and share their borders."""
_MAX_COMPARED: Final = 200_000
"""Pairs of fields on one page; fields are sorted, so only a hostile page comes near."""


def find(graph: Graph, there: Sequence[Annotation]) -> Iterator[Hazard]:
    """Dynamic forms, hidden and overlapping fields, fields that show another value."""
    form = graph.dictionary(graph.catalog.get("/AcroForm"))
    if graph.resolve(form.get("/XFA")) is not None:
        yield Hazard(HazardCode.DYNAMIC_FORM, "the form of the document")
    widgets = [
        each
        for each in there
        if each.subtype == "Widget" and graph.inherited(each.entries, "/FT") != _SIGNATURE
    ]
    written = []
    for widget in widgets:
        code = _code(graph, form, widget)
        if code is not None:
            yield Hazard(code, where(graph, widget), widget.page)
        elif shows_text(graph, widget.entries):
            written.append(widget)
    yield from _seen_otherwise(graph, written)
    yield from _off_page(graph, form, there)
    yield from _overlapping(graph, widgets)


def _seen_otherwise(graph: Graph, written: Sequence[Annotation]) -> Iterator[Hazard]:
    """Fields of text that show another value."""
    if not written:
        return
    places, spend = [(each.page, each.box) for each in written], graph.effort.spend
    copy = without_maps(graph.pdf, {each.page for each in written}, spend)
    seen = texts_seen(graph.written, places, spend)
    named = seen if copy is None else texts_seen(copy, places, spend)
    for widget, by_map, by_name in zip(written, seen, named, strict=True):
        # What fonts have no names for, only their maps can tell.
        if not is_said(graph, widget.entries, by_map) or not (
            by_name == "" or is_said(graph, widget.entries, by_name)
        ):
            yield Hazard(HazardCode.FIELD_VALUE_DIFFERS, where(graph, widget), widget.page)


def find_signatures(graph: Graph) -> Iterator[Hazard]:
    """Signature dictionaries (section 12.8.1) that are no value of a field of the form."""
    signed = [found for found in graph.found if _is_signature(found.entries)]
    if not signed:
        return
    form = graph.dictionary(graph.catalog.get("/AcroForm"))
    values = [
        graph.dictionary(field.get("/V")) for _, field in _fields(graph, form) if "/V" in field
    ]
    for found in signed:
        if found.entries not in values:
            yield Hazard(HazardCode.STRAY_SIGNATURE, graph.where(found.place), found.place.page)


def _is_signature(entries: dict[str, Any]) -> bool:
    return "/ByteRange" in entries and is_string(entries.get("/Contents"))


def _code(graph: Graph, form: dict[str, Any], widget: Annotation) -> HazardCode | None:
    filled = is_filled(graph, widget.entries)
    if widget.is_hidden or widget.is_empty:
        return HazardCode.HIDDEN_FIELD if filled else None
    if leaves_drawing(graph, form, widget.entries):
        return HazardCode.FIELD_NOT_DRAWN
    if differs(graph, widget.entries):
        return HazardCode.FIELD_VALUE_DIFFERS
    return None


def _fields(graph: Graph, form: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every field that the form lists or that stands below one, with its reference."""
    stack = list(graph.array(form.get("/Fields")))
    seen: set[str] = set()
    while stack:
        item = stack.pop()
        if is_reference(item) and item not in seen:
            seen.add(item)
            field = graph.dictionary(item)
            stack.extend(graph.array(field.get("/Kids")))
            yield item, field


def _off_page(graph: Graph, form: dict[str, Any], there: Sequence[Annotation]) -> Iterator[Hazard]:
    """Filled fields without a widget on any page."""
    on_pages = {each.reference for each in there}
    for reference, field in _fields(graph, form):
        if reference in on_pages or graph.array(field.get("/Kids")):
            continue
        if graph.inherited(field, "/FT") != _SIGNATURE and is_filled(graph, field):
            name = graph.full_name(field)[:64]
            yield Hazard(HazardCode.HIDDEN_FIELD, f"field {name!r}, on no page")


def _overlapping(graph: Graph, widgets: Sequence[Annotation]) -> Iterator[Hazard]:
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
                    raise UnsupportedDocumentError(
                        f"page {one.page + 1} has too many form fields side by side",
                        field="document",
                    )
                if overlap(one.box, other.box) > _OVERLAP:
                    yield Hazard(HazardCode.OVERLAPPING_FIELDS, where(graph, other), other.page)
