"""The page tree of a PDF (ISO 32000-1 section 7.7.3), walked with limits."""

from __future__ import annotations

from dataclasses import dataclass
from operator import itemgetter
from typing import Final

from eseal.documents.pdf.structure import Structure
from eseal.documents.pdf.syntax import Ref
from eseal.errors import TooLargeError, UnsupportedDocumentError

_MAX_DEPTH: Final = 64
"""A page tree balanced as the standard suggests is 10 deep for a million pages."""


@dataclass(frozen=True, slots=True)
class PageTree:
    """The pages and what leads to them.

    Attributes:
        pages: references to the pages in their order.
        nodes: numbers of the inner nodes.
    """

    pages: tuple[Ref, ...]
    nodes: frozenset[int]


def page_tree(structure: Structure, max_pages: int) -> PageTree:
    """Walk the page tree.

    Raises:
        TooLargeError: there are more than ``max_pages``.
        UnsupportedDocumentError: there are no pages, the tree runs in a circle or contradicts
            its ``/Count``.
    """
    root = structure.catalog.get("Pages")
    if not isinstance(root, Ref):
        raise UnsupportedDocumentError(
            "the PDF is broken: expected a catalog with an entry /Pages", field="document"
        )
    inner = frozenset(structure.having(_may_have_kids))
    pages: list[Ref] = []
    nodes: set[int] = set()
    stack: list[tuple[object, int]] = [(root, 0)]
    while stack and len(pages) <= max_pages:
        item, depth = stack.pop()
        if not isinstance(item, Ref):
            raise UnsupportedDocumentError(
                "the PDF is broken: a page is no object of its own", field="document"
            )
        if item.number not in inner or "Kids" not in structure.dictionary(item):
            pages.append(item)
            continue
        if item.number in nodes or depth > _MAX_DEPTH:
            raise UnsupportedDocumentError(
                "the PDF is broken: its page tree runs in a circle", field="document"
            )
        nodes.add(item.number)
        kids = structure.array(structure.dictionary(item).get("Kids"))
        if set(map(type, kids)) <= {Ref} and inner.isdisjoint(map(itemgetter(0), kids)):
            pages += kids
        else:
            stack.extend((kid, depth + 1) for kid in reversed(kids))
    if len(pages) > max_pages:
        raise TooLargeError(
            f"the PDF has too many pages: expected at most {max_pages}", field="document"
        )
    count = structure.entry(root, "Count")
    if not pages or not nodes:
        raise UnsupportedDocumentError("the PDF has no pages", field="document")
    if count != len(pages):
        raise UnsupportedDocumentError(
            f"the PDF is broken: it says it has {count} pages and has {len(pages)}",
            field="document",
        )
    return PageTree(tuple(pages), frozenset(nodes))


def _may_have_kids(shape: bytes) -> bool:
    """Whether it holds what an inner node has, whatever way it is spelt."""
    return b"Kids" in shape or b"#" in shape
