"""Signature fields of canonical files (ISO 32000-1 sections 12.7.3 and 12.7.4.5)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Any, Final

from eseal.documents.pdf.file.objects import Objects
from eseal.documents.pdf.file.values import Name, Ref
from eseal.documents.pdf.placing.geometry import box_of
from eseal.errors import InvalidFormatError
from eseal.excerpts import excerpt

MAX_FIELDS: Final = 50_000
MAX_NAME: Final = 1000
"""Characters of a full name; those of the deepest real forms have some 200."""
_MAX_DEPTH: Final = 32
TIME_STAMP: Final = "ETSI.RFC3161"
"""ISO 32000-2 section 12.8.5: the ``SubFilter`` of a document time-stamp, which is no seal."""
WIDGET_FLAGS: Final = 0b10000100
"""ISO 32000-1 table 165: what shows is printed, and its place does not change."""
_UNTURNED: Final = 0b11000
"""NoZoom and NoRotate: pdf.js draws such a widget on a canvas of its own, and lays that over the
page. There ink has nothing to shine through to, and white covers."""
_UTF_16: Final = b"\xfe\xff"


FormField = tuple[str, Ref, dict[str, Any], Any]
"""A terminal field: its full name, reference, dictionary and type. It is not to be changed."""


@dataclass(frozen=True, slots=True)
class SignatureField:
    """A signature field, which is its own widget.

    Attributes:
        name: fully qualified.
        reference: to the field.
        value: reference to its signature dictionary, or ``None`` of an empty one.
        page: reference to the page it stands on.
        rectangle: left, bottom, right, top in the page's own units.
    """

    name: str
    reference: Ref
    value: Ref | None
    page: Ref
    rectangle: tuple[float, float, float, float]

    @property
    def shows(self) -> bool:
        """Whether it has a size."""
        left, bottom, right, top = self.rectangle
        return right > left and top > bottom


def signature_fields(objects: Objects) -> list[SignatureField]:
    """The signature fields of a document, in the order of its form.

    Raises:
        InvalidFormatError: the form is not as a canonical file has it.
    """
    return [
        _signature_field(objects, name, reference, entries)
        for name, reference, entries, kind in form_fields(objects)
        if kind == "Sig"
    ]


def form_fields(objects: Objects) -> list[FormField]:
    """Every terminal field, in the order of the form.

    Raises:
        InvalidFormatError: the form is no tree, or too large.
    """
    form = objects.dictionary(objects.catalog.get("AcroForm"))
    known: set[Ref] = set()
    found: list[FormField] = []
    for root in objects.array(form.get("Fields")):
        if not isinstance(root, Ref):
            raise _no_tree()
        branch = objects.once(root, partial(_Branch.of, root))
        if len(known) + len(branch.members) > MAX_FIELDS or not known.isdisjoint(branch.members):
            raise _no_tree()
        known |= branch.members
        found += branch.fields
    return found


@dataclass(frozen=True, slots=True)
class _Branch:
    """A field of the form with all below it.

    Attributes:
        fields: the terminal ones.
        members: all fields and widgets.
    """

    fields: list[FormField]
    members: set[Ref]

    @classmethod
    def of(cls, root: Ref, objects: Objects) -> _Branch:
        """Follow a field of the form to its ends."""
        branch = cls([], {root})
        waiting = [(root, objects.dictionary(root), "", None, 0)]
        while waiting:
            item, entries, parent, kind, depth = waiting.pop()
            own = entries.get("T")
            name = parent
            if isinstance(own, bytes):
                name = f"{parent}.{text_of(own)}" if parent else text_of(own)
            if depth > _MAX_DEPTH or len(name) > MAX_NAME:
                raise InvalidFormatError("expected a form that is less deep, with shorter names")
            kind = entries.get("FT", kind)
            kids = _loaded(objects, entries.get("Kids"), branch.members)
            fields = [each for each in kids if "T" in each[1]]
            if fields:
                waiting += [(*each, name, kind, depth + 1) for each in reversed(fields)]
            else:
                branch.fields.append((name, item, entries, kind))
        return branch


def _loaded(objects: Objects, listed: Any, known: set[Ref]) -> list[tuple[Ref, dict[str, Any]]]:
    """Fields or widgets, each of them looked at once in a branch."""
    found = []
    for item in objects.array(listed):
        if not isinstance(item, Ref) or item in known or len(known) >= MAX_FIELDS:
            raise _no_tree()
        known.add(item)
        found.append((item, objects.dictionary(item)))
    return found


def _no_tree() -> InvalidFormatError:
    return InvalidFormatError("expected a form whose fields are objects in a tree")


def _signature_field(
    objects: Objects, name: str, reference: Ref, entries: dict[str, Any]
) -> SignatureField:
    value, page = entries.get("V"), entries.get("P")
    rectangle = box_of(objects, entries.get("Rect"))
    if not isinstance(page, Ref) or rectangle is None or not isinstance(value, Ref | None):
        raise InvalidFormatError(
            f"expected signature field {excerpt(name, 64)} to be its own widget"
        )
    flags = entries.get("F", 0)
    if type(flags) is not int or flags & _UNTURNED:
        raise InvalidFormatError(
            f"expected signature field {excerpt(name, 64)} to turn with its page"
        )
    return SignatureField(name, reference, value, page, rectangle)


def text_of(value: bytes) -> str:
    """A text string (ISO 32000-1 section 7.9.2.2) as text; for names and notes, never to decide."""
    if value.startswith(_UTF_16):
        return value[2:].decode("utf-16-be", "replace")
    return value.decode("utf-8" if value.startswith(b"\xef\xbb\xbf") else "latin-1", "replace")


def text_string(text: str) -> bytes:
    """Text as a text string: ASCII, or UTF-16 with its mark."""
    return text.encode("ascii") if text.isascii() else _UTF_16 + text.encode("utf-16-be")


def widget(page: Ref, name: str, **entries: Any) -> dict[str, Any]:
    """A signature field that is its own widget, invisible unless it gets a rectangle.

    Args:
        page: the page it stands on.
        name: of the field, without a dot.
        entries: what else it has.
    """
    return {
        "Type": Name("Annot"),
        "Subtype": Name("Widget"),
        "FT": Name("Sig"),
        "F": WIDGET_FLAGS,
        "T": text_string(name),
        "P": page,
        "Rect": [0, 0, 0, 0],
    } | entries
