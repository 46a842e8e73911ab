"""Objects that stand in a file otherwise than its tables say.

A program that follows the tables never meets them. One that finds a table wanting, even in a single
place, may search the file instead, and read the objects as they stand, under the numbers they bear,
of each number the last: Poppler does, and so does qpdf.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from pyhanko.pdf_utils.misc import PdfReadError

from eseal.documents.pdf.structure import Structure, kind
from eseal.documents.pdf.syntax import SPACE, Stream

_SPACES: Final = re.compile(SPACE + rb"{0,64}")


def strays(structure: Structure, start: int = 0) -> Iterator[str]:
    """Objects no revision's table lists under their number, and places that are no objects.

    Args:
        structure: the file.
        start: where to begin.

    Returns:
        What each is, in words.

    Raises:
        PdfReadError: an object stream is not what the standard asks for.
    """
    yield from _packed(structure, start)
    if structure.cut is not None:
        return
    listed = _listed(structure)
    found = {each for each in standing(structure) if each[2] >= start}
    for number, _, _ in sorted(found - listed):
        yield f"object {number}"
    known = {offset for _, _, offset in found}
    for number, offset in structure.offsets.items():
        place = _behind_space(structure.data, offset)
        if place >= start and place not in known and structure.get(number) is not None:
            yield f"object {number}, inside another"


def standing(structure: Structure) -> set[tuple[int, int, int]]:
    """Number, generation and place of every object that stands in the file."""
    return {(entry.number, entry.generation, entry.offset) for entry in structure.entries}


def _listed(structure: Structure) -> set[tuple[int, int, int]]:
    """Number, generation and place of every object that any revision's table lists.

    A table that is a stream is an object, too, and need not be listed.
    """
    found: set[tuple[int, int, int]] = set()
    for section in structure.reader.sections:
        stream, places = section.meta_info.stream_ref, section.xref_data.standard_xrefs
        found.update((number, *place) for number, place in places.items())
        if stream is not None:
            found.add((stream.idnum, stream.generation, section.meta_info.start_location))
    return {(n, generation, _behind_space(structure.data, at)) for n, generation, at in found}


def _packed(structure: Structure, start: int) -> Iterator[str]:
    """Objects in object streams (ISO 32000-1 section 7.5.7) that no table finds there."""
    streams = [
        number
        for number, value in structure.naming(["ObjStm"])
        if isinstance(value, Stream)
        and kind(value.entries) == "ObjStm"
        and structure.offsets[number] >= start
    ]
    if not streams:
        return
    listed = {
        (number, place.obj_stream_id, place.ix_in_stream)
        for section in structure.reader.sections
        for number, place in section.xref_data.xrefs_in_objstm.items()
    }
    for stream in streams:
        packed = structure.reader.packed(stream)
        if packed is None:
            raise PdfReadError(f"object {stream} is no object stream that can be read")
        for index, number in enumerate(packed.numbers):
            if (number, stream, index) not in listed:
                yield f"object {number}, in object stream {stream}"


def _behind_space(data: bytes, offset: int) -> int:
    """The offset of the first character behind white space: tables often point before it."""
    match = _SPACES.match(data, offset)
    return offset if match is None else match.end()
