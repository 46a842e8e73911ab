"""The form fields of a PDF (ISO 32000-1 section 12.7.3)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.misc import PdfReadError
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.pdf_utils.xref import read_object_header

from eseal.documents.pdf.objects import entry, items, resolve

TIME_STAMP: Final = "ETSI.RFC3161"
"""ISO 32000-2 section 12.8.5: the ``/SubFilter`` of a document time-stamp, which is no seal."""
_SIGNATURE: Final = "/Sig"
_DICTIONARY: Final = b"<<"


@dataclass(frozen=True, slots=True)
class FormField:
    """A form field.

    Attributes:
        name: fully qualified name (ISO 32000-1 section 12.7.3.2).
        is_signature: whether it is a signature field.
        value: its value as it stands in the field: often a reference; ``None`` if it has none, and
            for a signature also if it is null.
    """

    name: str
    is_signature: bool
    value: generic.PdfObject | None

    @property
    def is_filled_signature(self) -> bool:
        """Whether it is a signature field that holds something."""
        return self.is_signature and self.value is not None


@dataclass(frozen=True, slots=True)
class _Node:
    """A node of the field tree still to visit, with what it inherits."""

    item: generic.PdfObject
    parent_name: str
    kind: str | None
    value: generic.PdfObject | None


def form_fields(reader: PdfFileReader, max_fields: int) -> Iterator[FormField]:
    """Every form field, parents before children.

    pyHanko's own enumeration follows every path, which a hostile field tree turns into
    exponential work, and it passes over fields without a name.

    Raises:
        PdfReadError: more than ``max_fields`` nodes, or not a tree.
        Exception: whatever pyHanko throws on a broken file.
    """
    form = entry(reader.root, "/AcroForm")
    if not isinstance(form, generic.DictionaryObject):
        return
    stack = [_Node(item, "", None, None) for item in reversed(items(form, "/Fields"))]
    seen: set[generic.Reference] = set()
    visited = 0
    while stack:
        node = stack.pop()
        visited += 1
        if visited > max_fields:
            raise PdfReadError(f"more than {max_fields} form fields")
        if isinstance(node.item, generic.IndirectObject):
            if node.item.reference in seen:
                raise PdfReadError("the form lists a field twice")
            seen.add(node.item.reference)
        dictionary = resolve(node.item)
        if not isinstance(dictionary, generic.DictionaryObject):
            continue
        field, kind = _field(reader, dictionary, node)
        yield field
        stack.extend(
            _Node(kid, field.name, kind, field.value)
            for kid in reversed(items(dictionary, "/Kids"))
        )


def _field(
    reader: PdfFileReader, dictionary: generic.DictionaryObject, node: _Node
) -> tuple[FormField, str | None]:
    """The field at a node, and its type; type and value are inheritable."""
    own_kind = entry(dictionary, "/FT")
    kind = node.kind if own_kind is None else str(own_kind)
    partial = entry(dictionary, "/T")
    name = ".".join(str(part) for part in (node.parent_name, partial) if part)
    value = dictionary.raw_get("/V") if "/V" in dictionary else node.value
    is_signature = kind == _SIGNATURE
    if value is not None and is_signature and _is_null(reader, value):
        value = None
    return FormField(name=name, is_signature=is_signature, value=value), kind


def _is_null(reader: PdfFileReader, value: generic.PdfObject) -> bool:
    """Whether a value is null; a dictionary is not parsed to find out."""
    if isinstance(value, generic.IndirectObject):
        offset = reader.xrefs[value.reference]
        if isinstance(offset, int):
            reader.stream.seek(offset)
            read_object_header(reader.stream, strict=True)  # type: ignore[no-untyped-call]
            if reader.stream.read(len(_DICTIONARY)) == _DICTIONARY:
                return False
    return isinstance(resolve(value), generic.NullObject)
