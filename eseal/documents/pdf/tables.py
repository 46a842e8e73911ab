"""Cross-reference tables (ISO 32000-1 section 7.5.4), each read as one piece.

pyHanko reads a table line by line, which for a document of some hundred pages takes longer than all
the rest of a seal. A table as the standard asks for it, in lines of twenty bytes, is taken apart
here; whatever looks different in any way is left to pyHanko, and so are its error messages.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterable, Iterator
from functools import cached_property
from itertools import chain
from typing import Any, Final

import orjson
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.rw_common import PdfHandler
from pyhanko.pdf_utils.xref import (
    XRefBuilder,
    XRefSection,
    XRefSectionData,
    XRefSectionMetaInfo,
    XRefSectionType,
)

from eseal.documents.pdf.syntax import SPACE
from eseal.documents.pdf.values import read_value

_LINE_BYTES: Final = 20
_FIRST_TEN: Final = struct.Struct("10s10x" * 64)
"""The first ten characters of 64 lines."""
_LINE: Final = b"0000000000 00000 n"
_LINE_ENDS: Final = frozenset({b" \n", b" \r", b"\r\n"})
_MARKER: Final = 17
"""Where in a line it says ``n``, in use, or ``f``, free."""
_SHAPE: Final = bytes.maketrans(b"123456789f", b"000000000n")
_SUBSECTION: Final = re.compile(SPACE + rb"*(\d{1,7}) (\d{1,7})(?: ?\r?\n|\r)")
_TRAILER: Final = re.compile(SPACE + rb"*trailer" + SPACE + rb"*(?=<<)")
_LEADING_ONE: Final = 10**10
_FREE: Final = ord("f")
_USUAL: Final = b" 00000 n"
"""Generation 0, in use."""
_MAX_GENERATION: Final = 0xFFFF


class TableData(XRefSectionData):
    """The entries of one table. What pyHanko keeps of them is made when somebody asks for it.

    Args:
        offsets: of objects in use, by number.
        generations: those other than 0, by number.
        freed: the next generation of free numbers.
        highest: the highest number the table names, 0 if it names none.
    """

    def __init__(
        self,
        offsets: dict[int, int],
        generations: dict[int, int],
        freed: dict[int, int],
        highest: int,
    ) -> None:
        self.offsets = offsets
        self.highest = highest
        self.generations = generations
        self.freed = freed
        self.xrefs_in_objstm = {}
        self.obj_streams_used = set()
        self.hybrid = None

    @cached_property
    def standard_xrefs(self) -> dict[int, tuple[int, int]]:  # type: ignore[override]  # made late
        """Generation and offset of objects in use, by number."""
        generations = self.generations
        return {number: (generations.get(number, 0), at) for number, at in self.offsets.items()}

    @cached_property
    def explicit_refs_in_revision(self) -> set[tuple[int, int]]:  # type: ignore[override]  # late
        """Number and generation of every object the table names."""
        used = {(number, generation) for number, (generation, _) in self.standard_xrefs.items()}
        return used | {(number, generation - 1) for number, generation in self.freed.items()}

    def higher_generation_refs(self) -> Iterable[tuple[int, int]]:
        """Number and generation of objects in use whose generation is above 0."""
        return self.generations.items()

    def try_resolve(self, ref: generic.Reference | generic.IndirectObject) -> int | None:
        """The offset of an object; ``None`` if this table frees it.

        Raises:
            KeyError: the table does not name it.
        """
        offset = self.offsets.get(ref.idnum)
        if offset is not None and self.generations.get(ref.idnum, 0) == ref.generation:
            return offset
        if offset is None and self.freed.get(ref.idnum) == ref.generation + 1:
            return None
        raise KeyError(ref)


def offsets_in(table: XRefSectionData) -> dict[int, int]:
    """Offsets of the objects in use that a table or stream names, by number."""
    if isinstance(table, TableData):
        return table.offsets
    return {number: offset for number, (_, offset) in table.standard_xrefs.items()}


def highest_in(table: XRefSectionData) -> int:
    """The highest number a table or stream names, 0 if it names none."""
    if isinstance(table, TableData):
        return table.highest
    named = table.standard_xrefs, table.xrefs_in_objstm, table.freed
    return max(max(numbers, default=0) for numbers in named)


class Tables(XRefBuilder):
    """pyHanko's reader of tables, faster where a table is as it should be."""

    def _read_xref_table(self, declared_startxref: int) -> Any:
        start = self.stream.tell()
        file = self.stream.getvalue()
        read = read_table(file, start)
        if read is not None:
            data, end = read
            trailer = _trailer(file, end, self.handler)
            size, prev = trailer.get("/Size"), trailer.get("/Prev")
            if (
                "/XRefStm" not in trailer
                and isinstance(size, int)
                and isinstance(prev, int | None)
                and data.highest < size
            ):
                info = XRefSectionMetaInfo(
                    XRefSectionType.STANDARD, size, declared_startxref, start, end, None
                )
                self.sections.append(XRefSection(info, data))
                self.trailer.add_trailer_revision(trailer)
                return prev
        self.stream.seek(start)
        return super()._read_xref_table(declared_startxref)


def _trailer(file: bytes, position: int, handler: PdfHandler) -> generic.DictionaryObject:
    """The trailer dictionary; an empty one if pyHanko must read it."""
    container = generic.TrailerReference(handler)  # type: ignore[no-untyped-call]
    read = read_value(file, position, container)
    if read is None or not isinstance(read[0], generic.DictionaryObject):
        return generic.DictionaryObject()  # type: ignore[no-untyped-call]
    return read[0]


def read_table(data: bytes, start: int) -> tuple[TableData, int] | None:
    """Read a table.

    Args:
        data: the file.
        start: the offset behind the word ``xref``.

    Returns:
        Its entries and the offset of its trailer dictionary; ``None`` if it is not just as the
        standard says.
    """
    used: dict[int, int] = {}
    higher: dict[int, int] = {}
    freed: dict[int, int] = {}
    highest = 0
    position = start
    while subsection := _SUBSECTION.match(data, position):
        first, count = int(subsection[1]), int(subsection[2])
        position = subsection.end() + count * _LINE_BYTES
        lines = data[subsection.end() : position]
        line_end = lines[_LINE_BYTES - 2 : _LINE_BYTES]
        # A table can claim to have millions of lines.
        if line_end not in _LINE_ENDS or len(lines) != count * _LINE_BYTES:
            return None
        if lines.translate(_SHAPE) != (_LINE + line_end) * count:
            return None
        numbers = range(first, first + count)
        highest = max(highest, first + count - 1 if count else 0)
        if not all(named.keys().isdisjoint(numbers) for named in (used, freed) if named):
            return None
        named = dict(zip(numbers, _offsets(lines), strict=True))
        used = {**used, **named} if used else named
        for number, generation, is_free in _unusual(lines, numbers):
            if generation > _MAX_GENERATION:
                return None
            if is_free:
                del used[number]
            (freed if is_free else higher)[number] = generation
    used.pop(0, None)
    higher.pop(0, None)
    freed.pop(0, None)
    trailer = _TRAILER.match(data, position)
    if trailer is None or position == start:
        return None
    return TableData(used, higher, freed, highest), trailer.end()


def _offsets(lines: bytes) -> list[int]:
    """The first ten digits of every line, as numbers."""
    whole = len(lines) - len(lines) % _FIRST_TEN.size
    words = [*chain.from_iterable(_FIRST_TEN.iter_unpack(lines[:whole]))]
    words += lines[whole:].split()[::3]
    # JSON knows no leading zeros, so every number is given a 1 to begin with.
    return [number - _LEADING_ONE for number in orjson.loads(b"[1%b]" % b",1".join(words))]


def _unusual(lines: bytes, numbers: range) -> Iterator[tuple[int, int, bool]]:
    """Number, generation and whether it is free, of all but generation 0 in use."""
    usual = lines.count(_USUAL)
    for position, number in enumerate(numbers):
        if usual == len(numbers) - position:
            return  # as a rule behind the first line, which is number 0 and free
        line = lines[position * _LINE_BYTES : (position + 1) * _LINE_BYTES]
        if line[10:18] == _USUAL:
            usual -= 1
        else:
            yield number, int(line[11:16]), line[_MARKER] == _FREE
