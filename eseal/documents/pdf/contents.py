"""Drawing on a page's own contents, as part of the revision that the signature covers.

A signature field has one widget (ISO 32000-2 section 12.7.5.5), so what a seal shows on further
pages is content of these pages.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.generic import pdf_name
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.misc import PdfReadError

from eseal.documents.pdf.graphics_state import BALANCED, Imbalance, imbalance
from eseal.documents.pdf.objects import entry, items, resolve
from eseal.documents.pdf.pages import PageGeometry
from eseal.documents.pdf.stamps import Drawing, number, operators, resources_of
from eseal.documents.pdf.structure import MAX_PARENTS

_PREFIX: Final = "Eseal"
_MAX_TRIES: Final = 1000


class PageArtist:
    """Draws on pages of one document."""

    def __init__(self, writer: IncrementalPdfFileWriter, *, blend: bool) -> None:
        self._writer = writer
        self._blend = blend
        self._begin: dict[int, generic.IndirectObject] = {}

    def draw(
        self, reference: generic.IndirectObject, page: PageGeometry, drawings: list[Drawing]
    ) -> None:
        """Add drawings over what a page shows.

        The contents there are closed in ``q`` and ``Q``, so that whatever they leave behind does
        not move the drawings. Resources may be shared or inherited: the page gets its own copy.

        Args:
            reference: to the page.
            page: its geometry.
            drawings: placed in points from the lower left corner of the page as shown.

        Raises:
            PdfReadError: the page is not what the standard asks for.
        """
        dictionary = resolve(reference)
        if not isinstance(dictionary, generic.DictionaryObject):
            raise PdfReadError("a page is no dictionary")
        prefix = self._add_resources(dictionary, drawings)
        streams = list(_contents(dictionary))
        left = _imbalance(streams)
        # An artifact (ISO 32000-1 section 14.8.2.2): no part of what a tagged PDF reads out.
        parts = [b"Q " * left.after + b"Q /Artifact BMC q", *map(number, page.matrix), b"cm"]
        content = b" ".join(parts) + b"\n" + operators(drawings, prefix=prefix, blend=self._blend)
        end = generic.StreamObject(stream_data=content + b"\nQ EMC\n")
        contents = [self._begin_stream(left.before), *streams, self._writer.add_object(end)]
        dictionary[pdf_name("/Contents")] = generic.ArrayObject(contents)
        self._writer.mark_update(reference)

    def _begin_stream(self, more: int) -> generic.IndirectObject:
        """The stream that opens the brackets; one for all pages that need as many."""
        if more not in self._begin:
            stream = generic.StreamObject(stream_data=b"q\n" * (1 + more))
            self._begin[more] = self._writer.add_object(stream)
        return self._begin[more]

    def _add_resources(self, page: generic.DictionaryObject, drawings: list[Drawing]) -> str:
        """Give a page the resources of drawings; the prefix of their names, which is new there."""
        held = _inherited(page, "/Resources")
        resources = generic.DictionaryObject(  # type: ignore[no-untyped-call]
            held if isinstance(held, generic.DictionaryObject) else {}
        )
        categories = {}
        for key in ("/XObject", "/ExtGState"):
            there = entry(resources, key)
            categories[key] = dict(there) if isinstance(there, generic.DictionaryObject) else {}
        prefix = _free_prefix(categories)
        for key, named in resources_of(drawings, prefix=prefix, blend=self._blend).items():
            added = {pdf_name(name): value for name, value in named.items()}
            resources[pdf_name(key)] = generic.DictionaryObject({**categories[key], **added})  # type: ignore[no-untyped-call]
        page[pdf_name("/Resources")] = resources
        return prefix


def _free_prefix(categories: dict[str, dict[str, object]]) -> str:
    names = [name for named in categories.values() for name in named]
    for number_ in range(_MAX_TRIES):
        prefix = f"{_PREFIX}{number_ or ''}"
        if not any(name.startswith(f"/{prefix}") for name in names):
            return prefix
    raise PdfReadError("a page's resources use up all names")


def _contents(page: generic.DictionaryObject) -> Iterator[generic.PdfObject]:
    """References to a page's content streams (ISO 32000-1 table 30: one, several, or none)."""
    if "/Contents" not in page:
        return
    item = page.raw_get("/Contents")
    value = resolve(item)
    if isinstance(value, generic.ArrayObject):
        yield from items(page, "/Contents")
    elif isinstance(value, generic.StreamObject):
        yield item
    elif not isinstance(value, generic.NullObject):
        raise PdfReadError("a page's contents are no stream")


def _imbalance(streams: list[generic.PdfObject]) -> Imbalance:
    contents = [
        stream for item in streams if isinstance(stream := resolve(item), generic.StreamObject)
    ]
    try:
        return imbalance([stream.data for stream in contents])
    except NotImplementedError:
        # LZW or run-length data of old producers, which pyHanko cannot decode. It is taken to be in
        # order, as what producers write is; were it not, the seal would show in another place, and
        # be no less covered.
        return BALANCED


def _inherited(node: generic.DictionaryObject, key: str) -> object:
    """An entry of a page, or of its nearest ancestor that has it; ``None`` if none has."""
    current: object = node
    for _ in range(MAX_PARENTS):
        if not isinstance(current, generic.DictionaryObject):
            return None
        value = entry(current, key)
        if value is not None:
            return value
        current = entry(current, "/Parent")
    raise PdfReadError("the page tree is too deep")
