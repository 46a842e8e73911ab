"""Whether what was appended to a PDF is no more than what its tables say.

Readers of PDF differ most where a file is not as it should be. What follows a seal must therefore
read the same to a program that follows the tables and to one that searches the file for objects,
and give none a reason to search.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from pyhanko.pdf_utils import generic

from eseal.documents.pdf.inventory import HEADER
from eseal.documents.pdf.reach import info_of, references
from eseal.documents.pdf.strays import standing, strays
from eseal.documents.pdf.structure import Structure
from eseal.documents.pdf.syntax import Ref
from eseal.documents.pdf.tables import TableData

_TYPES: Final = frozenset({0, 1, 2})
"""ISO 32000-1 table 18: free, in use, in an object stream."""


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
    if _has_odd_tables(new, end):
        yield "it contains a table that is not in force, or not as it should be"
    for ref in sorted(_missing(old, new, changed)):
        yield f"it refers to object {ref.number}, which is not there"


def _has_strays(new: Structure, end: int) -> bool:
    """Whether there are objects no table lists, or what a search would take for some.

    A search does not know what is a stream, a text or a comment.
    """
    places = {offset for _, _, offset in standing(new)}
    like = HEADER.finditer(new.data, end)
    return any(match.start() not in places for match in like) or any(strays(new, end))


def _has_odd_tables(new: Structure, end: int) -> bool:
    """Whether there is a table that another program might not read, or not for a table.

    Or the word that begins a trailer or leads to a table, in a stream, a text or a comment.
    """
    data, there = new.data, standing(new)
    added = [each for each in new.reader.sections if each.meta_info.start_location >= end]
    # A table as the standard asks is one of ours.
    plain = sum(isinstance(each.xref_data, TableData) for each in added)
    if (data.count(b"startxref", end), data.count(b"trailer", end)) != (len(added), plain):
        return True
    for each in added:
        at, stream = each.meta_info.declared_startxref, each.meta_info.stream_ref
        if isinstance(each.xref_data, TableData):
            stands = data.startswith(b"xref", at)
        else:
            stands = stream is not None and (stream.idnum, stream.generation, at) in there
        if not stands:
            return True
    return not all(map(_has_known_types, new.reader.trailers[: len(added)]))


def _has_known_types(trailer: generic.DictionaryObject) -> bool:
    """Whether all entries of a table that is a stream are of the types of table 18."""
    if not isinstance(trailer, generic.StreamObject):
        return True
    widths = [int(width) for width in trailer["/W"]]
    first, entry, data = widths[0], sum(widths), trailer.data
    types = {int.from_bytes(data[at : at + first], "big") for at in range(0, len(data), entry)}
    return not first or types <= _TYPES


def _missing(old: Structure, new: Structure, changed: set[int]) -> set[Ref]:
    """References to nothing that the same objects did not have before.

    At one of these Poppler gives up the tables and searches the file.
    """
    before, after = (
        references(b"\n".join(each.heads[number] for number in changed & each.heads.keys()))
        for each in (old, new)
    )
    added = after - before
    info = info_of(new)
    if info is not None and info != info_of(old):
        added.add(info)
    return {ref for ref in added if ref.number not in new.places or ref != new.ref(ref.number)}
