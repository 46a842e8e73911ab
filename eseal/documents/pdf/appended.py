"""Whether what was appended to a PDF is no more than what its tables say.

Readers of PDF differ most where a file is not as it should be. What follows a seal must therefore
read the same to a program that follows the tables and to one that searches the file for objects,
and give none a reason to search.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from pyhanko.pdf_utils.xref import XRefSectionType

from eseal.documents.pdf.inventory import HEADER
from eseal.documents.pdf.reach import info_of, references
from eseal.documents.pdf.strays import strays
from eseal.documents.pdf.structure import Structure
from eseal.documents.pdf.syntax import Ref

_WITH_TRAILER: Final = frozenset({XRefSectionType.STANDARD, XRefSectionType.HYBRID_MAIN})


def irregularities(old: Structure, new: Structure, end: int, changed: set[int]) -> Iterator[str]:
    """What is out of order in the bytes that follow a revision.

    Args:
        old: the revision.
        new: the whole file.
        end: length of the revision, bytes.
        changed: numbers of objects that are new or elsewhere.

    Returns:
        Alterations, in words.

    Raises:
        PdfReadError: an object stream is not what the standard asks for.
    """
    if _has_strays(new, end):
        yield "it contains objects that no table lists"
    added = new.reader.total_revisions - old.reader.total_revisions
    if added <= 0:
        yield "bytes were added that belong to no revision"
    elif any("/Root" not in trailer for trailer in new.reader.trailers[:added]):
        yield "a table was added that does not lead to the document"
    if _has_idle_tables(new, end):
        yield "it contains a table that is not in force"
    for ref in sorted(_missing(old, new, changed)):
        yield f"it refers to object {ref.number}, which is not there"


def _has_strays(new: Structure, end: int) -> bool:
    """Whether there are objects no table lists, or what a search would take for some.

    A search does not know what is a stream, a text or a comment.
    """
    standing = {entry.offset for entry in new.entries}
    like = HEADER.finditer(new.data, end)
    return any(match.start() not in standing for match in like) or any(strays(new, end))


def _has_idle_tables(new: Structure, end: int) -> bool:
    """Whether a table, or the word that leads to one, waits in a stream, a text or a comment."""
    xrefs = new.reader.xrefs
    containers = map(xrefs.get_xref_container_info, range(xrefs.total_revisions))
    kinds = [each.xref_section_type for each in containers if each.start_location >= end]
    trailers = sum(kind in _WITH_TRAILER for kind in kinds)
    return (new.data.count(b"startxref", end), new.data.count(b"trailer", end)) != (
        len(kinds),
        trailers,
    )


def _missing(old: Structure, new: Structure, changed: set[int]) -> set[Ref]:
    """References to nothing that were not there before.

    At one of these Poppler gives up the tables and searches the file.
    """
    heads = new.heads
    found = references(b"\n".join(heads[number] for number in changed if number in heads))
    info = info_of(new)
    if info is not None and info != info_of(old):
        found.add(info)
    lost = {ref for ref in found if ref.number not in new.places or ref != new.ref(ref.number)}
    return lost - references(old.text)
