"""An empty signature field that a document has already, and what its author demands of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.misc import PdfReadError
from pyhanko.sign.fields import (
    FieldMDPSpec,
    SigSeedSubFilter,
    SigSeedValFlags,
    SigSeedValueSpec,
    enumerate_sig_fields,
)

from eseal.documents.pdf.objects import entry, items, resolve
from eseal.documents.pdf.opening import reason as reason_of
from eseal.documents.pdf.writing import Writer
from eseal.errors import AlreadySealedError, InvalidInputError, UnsupportedDocumentError

_HIDDEN: Final = 0b100010
"""ISO 32000-1 table 165: Hidden and NoView."""
_CORNERS: Final = 4
_SHOWN: Final = 10
_SHOWN_CHARS: Final = 64
_NEVER: Final = (
    (SigSeedValFlags.ADD_REV_INFO, "revocation information inside the signature"),
    (SigSeedValFlags.APPEARANCE_FILTER, "an appearance it names"),
    (SigSeedValFlags.LEGAL_ATTESTATION, "a legal attestation"),
)
"""Demands that no seal of ours meets."""


@dataclass(frozen=True, slots=True)
class EmptyField:
    """An empty signature field with its one widget.

    Attributes:
        name: fully qualified.
        field: the field.
        widget: its widget annotation; the same dictionary where the two are merged.
        widget_reference: reference to the widget.
        page: reference to the page the widget is on.
        rectangle: left, bottom, right, top in the page's own units; empty if it does not show.
        lock: what signing locks (ISO 32000-1 table 233), or ``None``.
    """

    name: str
    field: generic.DictionaryObject
    widget: generic.DictionaryObject
    widget_reference: generic.IndirectObject
    page: generic.IndirectObject
    rectangle: tuple[float, float, float, float]
    lock: FieldMDPSpec | None


def empty_field(writer: Writer, name: str) -> EmptyField:
    """The empty signature field of this name.

    The form must have been walked once by :func:`eseal.documents.pdf.fields.form_fields`, which
    refuses what is no tree.

    Raises:
        InvalidInputError: there is no signature field of this name; names those there are.
        AlreadySealedError: it is filled.
        UnsupportedDocumentError: it has no widget, or several, or one that viewers hide.
        PdfReadError: the form is not what the standard asks for.
    """
    there = list(enumerate_sig_fields(writer))
    found = [reference for each, _, reference in there if each == name]
    if not found:
        empty = ", ".join(repr(each[:_SHOWN_CHARS]) for each, value, _ in there if value is None)
        raise InvalidInputError(
            f"field: the PDF has no signature field {name[:64]!r}; "
            + (f"empty ones are {empty}" if empty else "it has no empty one"),
            field="field",
        )
    field = resolve(found[0])
    if not isinstance(field, generic.DictionaryObject):
        raise PdfReadError("a form field is no dictionary")
    if entry(field, "/V") is not None:
        raise AlreadySealedError(f"the signature field {name!r} is filled", field="field")
    widget_reference = found[0]
    if "/Kids" in field:
        kids = items(field, "/Kids")
        if len(kids) != 1 or not isinstance(kids[0], generic.IndirectObject):
            raise UnsupportedDocumentError(
                f"the signature field {name!r} has {len(kids)} widgets, expected one "
                "(ISO 32000-2 section 12.7.5.5)",
                field="field",
            )
        widget_reference = kids[0]
    widget = resolve(widget_reference)
    if not isinstance(widget, generic.DictionaryObject):
        raise PdfReadError("a widget is no dictionary")
    flags: object = entry(widget, "/F")
    if isinstance(flags, int) and flags & _HIDDEN:
        raise UnsupportedDocumentError(
            f"the signature field {name!r} is hidden; what is sealed must be seen", field="field"
        )
    lock = entry(field, "/Lock")
    return EmptyField(
        name=name,
        field=field,
        widget=widget,
        widget_reference=widget_reference,
        page=_page_of(writer, widget, widget_reference, name),
        rectangle=_rectangle(widget),
        lock=FieldMDPSpec.from_pdf_object(lock)
        if isinstance(lock, generic.DictionaryObject)
        else None,
    )


def check_seed_values(found: EmptyField, *, reason: str | None, docmdp: int | None) -> None:
    """Check that a seal satisfies what the field's author demands (ISO 32000-1 table 234).

    Args:
        found: the field.
        reason: the purpose that will stand in the signature, or ``None``.
        docmdp: changes the seal will allow if it certifies, or ``None`` if it does not.

    Raises:
        UnsupportedDocumentError: a demand cannot be met, and which.
    """
    seed = entry(found.field, "/SV")
    if not isinstance(seed, generic.DictionaryObject):
        return
    try:
        spec = SigSeedValueSpec.from_pdf_object(seed)  # type: ignore[no-untyped-call]
        demand = next(_unmet(spec, reason, docmdp), None)
    except Exception as error:  # noqa: BLE001  whatever pyHanko throws on what it does not know
        demand = f"what cannot be read or met: {reason_of(error)}"
    if demand is not None:
        raise UnsupportedDocumentError(
            f"the signature field {found.name!r} demands {demand}", field="field"
        )


def _unmet(spec: SigSeedValueSpec, reason: str | None, docmdp: int | None) -> Iterator[str]:
    """What a seal does not do, in words."""
    flags = spec.flags
    if SigSeedValFlags.SUBFILTER in flags and SigSeedSubFilter.PADES not in (spec.subfilters or ()):
        yield "another kind of signature than PAdES"
    if SigSeedValFlags.DIGEST_METHOD in flags and "sha256" not in (spec.digest_methods or ()):
        yield f"a digest by {', '.join(spec.digest_methods or ())}"
    if SigSeedValFlags.REASONS in flags:
        yield from _unmet_reasons([str(each) for each in spec.reasons or ()], reason)
    for flag, what in _NEVER:
        if flag in flags:
            yield what
    if spec.timestamp_required:
        yield "a time-stamp of an authority it names"
    if spec.cert is not None and spec.cert.flags.value:
        yield "a certificate it names"
    if spec.seed_signature_type is not None:
        asked = spec.seed_signature_type.mdp_perm
        level = None if asked is None else int(asked.value)
        if level != docmdp:
            yield "no certification" if level is None else f"certification with DocMDP {level}"


def _unmet_reasons(allowed: list[str], reason: str | None) -> Iterator[str]:
    if allowed in ([], ["."]):  # the standard's signs for "none at all"
        if reason is not None:
            yield "no reason, so the seal must be used without a purpose"
    elif reason not in allowed:
        shown = ", ".join(repr(each[:_SHOWN_CHARS]) for each in allowed[:_SHOWN])
        yield f"one of these reasons as the purpose: {shown}"


def _rectangle(widget: generic.DictionaryObject) -> tuple[float, float, float, float]:
    value = entry(widget, "/Rect")
    if not isinstance(value, generic.ArrayObject) or len(value) != _CORNERS:
        raise PdfReadError("a widget has no rectangle")
    x1, y1, x2, y2 = (float(value[index]) for index in range(_CORNERS))
    return min(x1, x2), min(y1, y2), max(x1, x2), max(y1, y2)


def _page_of(
    writer: Writer,
    widget: generic.DictionaryObject,
    reference: generic.IndirectObject,
    name: str,
) -> generic.IndirectObject:
    """The page whose annotations hold the widget; ``/P`` may be left out, or lie."""
    named = widget.raw_get("/P") if "/P" in widget else None
    if isinstance(named, generic.IndirectObject) and _holds(named, reference):
        return named
    for page in writer.pages:
        if _holds(page, reference):
            return page
    raise UnsupportedDocumentError(f"the signature field {name!r} is on no page", field="field")


def _holds(page: generic.IndirectObject, reference: generic.IndirectObject) -> bool:
    dictionary = resolve(page)
    if not isinstance(dictionary, generic.DictionaryObject):
        return False
    return any(
        isinstance(item, generic.IndirectObject) and item.reference == reference.reference
        for item in items(dictionary, "/Annots")
    )
