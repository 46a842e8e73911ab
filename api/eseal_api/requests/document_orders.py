"""How a document is to be sealed, as the fields of a form say it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from eseal.documents.media import is_pdf
from eseal.documents.pdf import SealingMode
from eseal.errors import InvalidFormatError, UnsupportedDocumentError
from eseal.model.level import Level
from eseal.model.statement import check_purpose
from eseal.service.sealing.orders import DocumentOrder
from eseal_api.requests.manners import MANNER, parse_manner
from eseal_api.requests.orders import parse_box
from eseal_api.requests.placements import SCHEMA as PLACEMENT
from eseal_api.requests.placements import parse_placement

if TYPE_CHECKING:
    from collections.abc import Callable

    from eseal_api.requests.bodies import Fields

PURPOSE: dict[str, Any] = {"type": "string", "description": "What the seal is used for."}
LEVEL: dict[str, Any] = {
    "type": "string",
    "enum": list(Level),
    "description": "Of the signature (ETSI EN 319 142-1, 319 122-1); default: as set.",
}
FIELDS: dict[str, dict[str, Any]] = {
    "purpose": PURPOSE,
    "visible": {
        "type": "string",
        "description": "Where a PDF shows the seal: JSON {page, x, y, width, height}, page "
        "from 1 (-1 is the last), millimetres from the left and bottom edge.",
        "examples": ['{"page": 1, "x": 120, "y": 20, "width": 60, "height": 20}'],
    },
    "placement": PLACEMENT,
    "level": LEVEL,
    **MANNER,
}
"""The fields beside the file, by name: their JSON schemas."""
_FOR_PDFS = ("visible", "placement", *MANNER)
ANCHORED = "anchored"
WAIT: dict[str, Any] = {
    "type": "string",
    "enum": [ANCHORED],
    "description": "Answer once the ledger holds the use, with the proof of that inside; usually "
    "seconds. 503 anchor_due if it takes too long: the use is on record then, and its document can "
    "be fetched.",
}


def parse_wait(value: object) -> bool:
    """Whether the ledger is to be waited for.

    Raises:
        InvalidFormatError: anything but ``anchored`` or nothing.
    """
    if value is not None and value != ANCHORED:
        raise InvalidFormatError(
            f"wait: expected {ANCHORED!r} or nothing, got {str(value)[:64]!r}", field="wait"
        )
    return value is not None


_T = TypeVar("_T")


def parse_document_order(form: Fields) -> tuple[DocumentOrder, list[str | None]]:
    """The order, and what it was made of: the same request gives the same list.

    Raises:
        InvalidInputError: a field cannot be used; names it.
    """
    purpose = form.text("purpose")
    if purpose is not None:
        check_purpose(purpose)
    if form.text("visible") and form.text("placement"):
        raise InvalidFormatError(
            "placement: expected either placement or visible, got both", field="placement"
        )
    box = _parsed(form, "visible", parse_box)
    order = DocumentOrder(
        purpose=purpose,
        level=_parsed(form, "level", Level.parse),
        visible=_parsed(form, "placement", parse_placement) if box is None else box,
        mode=parse_manner(form),
        anchored=parse_wait(form.text("wait")),
    )
    return order, [form.text(name) for name in FIELDS]


def check_kind(order: DocumentOrder, data: bytes, name: str) -> None:
    """Refuse to seal another file than a PDF as only a PDF can be sealed, instead of ignoring that.

    Args:
        order: how it is to be sealed.
        data: the file.
        name: what its sender calls it.

    Raises:
        UnsupportedDocumentError: the order is for a PDF, and this is none.
    """
    if is_pdf(data) or name.lower().endswith(".pdf"):
        return
    if order.visible is not None or order.mode not in {None, SealingMode()}:
        raise UnsupportedDocumentError(
            f"file: expected a PDF, got another kind of file: {', '.join(_FOR_PDFS)} are for PDFs. "
            "Without them its seal is made as a signature beside it (.p7s)",
            field="file",
        )


def _parsed(form: Fields, name: str, parse: Callable[[str], _T]) -> _T | None:
    text = form.text(name)
    return None if text is None else parse(text)
