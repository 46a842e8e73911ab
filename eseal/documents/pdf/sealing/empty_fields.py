"""Empty signature fields that a document brings: made ready to be places of its parties."""

from __future__ import annotations

from typing import Any, Final

import pikepdf

from eseal.documents.pdf.opening.limits import DEFAULT_LIMITS
from eseal.errors import UnsupportedDocumentError

_HIDDEN: Final = 0b100010
"""ISO 32000-1 table 165: Hidden and NoView."""
_WIDGET_ENTRIES: Final = ("/Rect", "/F", "/P", "/MK", "/StructParent")


def ready_fields(pdf: pikepdf.Pdf) -> None:
    """Make each empty signature field its own widget, on its page, without a look.

    Raises:
        UnsupportedDocumentError: one has several widgets, is hidden or on no page.
    """
    form = pdf.Root.get("/AcroForm")
    if not isinstance(form, pikepdf.Dictionary):
        return
    pages = _pages_by_widget(pdf)
    stack: list[tuple[Any, Any]] = [(field, None) for field in _listed(form, "/Fields")]
    for _ in range(DEFAULT_LIMITS.max_fields):
        if not stack:
            return
        field, kind = stack.pop()
        if not isinstance(field, pikepdf.Dictionary):
            continue
        kind = field.get("/FT", kind)
        kids = _listed(field, "/Kids")
        named = [kid for kid in kids if isinstance(kid, pikepdf.Dictionary) and "/T" in kid]
        stack += [(kid, kind) for kid in named]
        if kind == "/Sig" and not named:
            _ready(field, kids, pages)


def _ready(field: Any, kids: list[Any], pages: dict[tuple[int, int], Any]) -> None:
    name = str(field.get("/T", ""))[:64]
    if len(kids) > 1:
        raise UnsupportedDocumentError(
            f"the signature field {name!r} has {len(kids)} widgets, expected one "
            "(ISO 32000-2 section 12.7.5.5)",
            field="field",
        )
    if kids:
        widget = kids[0]
        page = pages.get(widget.objgen)
        for key in _WIDGET_ENTRIES:
            if key in widget:
                field[key] = widget[key]
        if page is not None:
            page["/Annots"] = pikepdf.Array(
                [field if item.objgen == widget.objgen else item for item in page.Annots]
            )
        del field["/Kids"]
    else:
        page = pages.get(field.objgen)
    if page is None:
        raise UnsupportedDocumentError(f"the signature field {name!r} is on no page", field="field")
    flags = field.get("/F", 0)
    if isinstance(flags, int) and flags & _HIDDEN:
        raise UnsupportedDocumentError(
            f"the signature field {name!r} is hidden; what is sealed must be seen", field="field"
        )
    for key in ("/AP", "/AS", "/V"):
        if key in field:
            del field[key]
    field["/Type"], field["/Subtype"] = pikepdf.Name.Annot, pikepdf.Name.Widget
    field["/P"] = page


def _pages_by_widget(pdf: pikepdf.Pdf) -> dict[tuple[int, int], Any]:
    return {
        annotation.objgen: page.obj
        for page in pdf.pages
        for annotation in _listed(page.obj, "/Annots")
        if isinstance(annotation, pikepdf.Dictionary)
    }


def _listed(holder: Any, key: str) -> list[Any]:
    value = holder.get(key)
    return list(value) if isinstance(value, pikepdf.Array) else []
