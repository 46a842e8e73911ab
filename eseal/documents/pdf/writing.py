"""What a seal adds to a document, written as an incremental update (ISO 32000-1 section 7.5.6)."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property, lru_cache
from io import BytesIO
from typing import Any, Final

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.misc import PdfReadError

from eseal.documents.pdf.assembling import Update
from eseal.documents.pdf.pages import PageGeometry, geometry
from eseal.documents.pdf.structure import Structure
from eseal.documents.pdf.syntax import Ref

_NAMES_KEPT: Final = 1024
_KEPT_CHARS: Final = 64
"""The names of the standard are shorter."""


class Writer(IncrementalPdfFileWriter):
    """Adds the seal and nothing else.

    pyHanko would also rewrite the document's metadata, with the wall clock's time.

    Args:
        structure: the document.
        pages: references to its pages, as the examination found them.

    Attributes:
        structure: the document as it was.
        page_refs: the pages.
    """

    def __init__(self, structure: Structure, pages: Sequence[Ref]) -> None:
        super().__init__(structure.reader.stream, prev=structure.reader)
        self.structure = structure
        self.page_refs = pages

    def geometry(self, index: int) -> PageGeometry:
        """The geometry of a page; see :func:`eseal.documents.pdf.pages.geometry`."""
        return geometry(self.structure, self.page_refs[index])

    @cached_property
    def pages(self) -> list[generic.IndirectObject]:
        """All pages, as pyHanko refers to them."""
        return [*map(self._page, range(len(self.page_refs)))]

    def find_page_for_modification(self, page_ix: int) -> tuple[generic.IndirectObject, None]:
        """A page as the examination found it; pyHanko would read every page up to it.

        Raises:
            PdfReadError: there is no such page.
        """
        if not -len(self.page_refs) <= page_ix < len(self.page_refs):
            raise PdfReadError(f"there is no page {page_ix}")
        return self._page(page_ix), None

    def _page(self, index: int) -> generic.IndirectObject:
        return generic.IndirectObject(*self.page_refs[index], self)  # type: ignore[no-untyped-call]

    def _write_header(self, stream: Any) -> None:
        """Copy the original, unless only what follows it is wanted."""
        if not isinstance(stream, Update):
            super()._write_header(stream)  # type: ignore[no-untyped-call]

    def _update_meta(self) -> None:
        """Leave the metadata as the author wrote them."""

    def _write_objects(self, stream: Any, object_position_dict: Any) -> None:
        """As the base class does for objects that are neither packed nor encrypted."""
        if self.object_streams or self.security_handler is not None:
            super()._write_objects(stream, object_position_dict)
            return
        for key in sorted(self.objects):
            generation, number = key
            object_position_dict[key] = stream.tell()
            stream.write(b"%d %d obj\n" % (number, generation))
            write_value(self.objects[key], stream)
            stream.write(b"\nendobj\n")


def write_value(value: Any, stream: Any) -> None:
    """Write a value byte for byte as pyHanko does, but names at once, not letter by letter."""
    kind = type(value)
    if kind is generic.NameObject:
        stream.write(_name(value))
    elif kind.write_to_stream is generic.DictionaryObject.write_to_stream:
        stream.write(b"<<\n")
        for key, entry in value.items():
            stream.write(_name(key))
            stream.write(b" ")
            write_value(entry, stream)
            stream.write(b"\n")
        stream.write(b">>")
    elif kind is generic.ArrayObject:
        stream.write(b"[")
        for item in value:
            stream.write(b" ")
            write_value(item, stream)
        stream.write(b" ]")
    else:
        value.write_to_stream(stream, None, None)


def _name(name: str) -> bytes:
    return _kept_name(name) if len(name) <= _KEPT_CHARS else _spelt(name)


def _spelt(name: str) -> bytes:
    written = BytesIO()
    generic.NameObject(name).write_to_stream(written)
    return written.getvalue()


_kept_name: Final = lru_cache(_NAMES_KEPT)(_spelt)
